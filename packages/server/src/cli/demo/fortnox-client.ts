import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Sighting } from './arrivals.ts'

interface Reply {
  readonly response: string | null
  readonly result: 'ok' | 'error'
  readonly message?: string
}

/**
 * A client of the Fortnox stream as integrators have them: add the tenants, add the topics, subscribe,
 * then events. See docs/reference for the contract.
 */
export async function openFortnoxStream(
  options: {
    readonly url: string
    readonly clientSecret: string
    readonly accessTokens: readonly string[]
    readonly topics: readonly string[]
  },
  onEvent: (event: Sighting) => void,
): Promise<{ close(): Promise<void> }> {
  const socket = new WebSocket(`${options.url.replace(/^http/, 'ws')}/topics-v1`)
  await once(socket, 'open')
  const replies: Reply[] = []
  let onReply = () => {}
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Sighting | Reply
    if ('tenantId' in message) onEvent(message)
    else {
      replies.push(message)
      onReply()
    }
  })
  const ask = async (command: object) => {
    socket.send(JSON.stringify(command))
    while (replies.length === 0)
      await new Promise<void>((resolve, reject) => {
        onReply = resolve
        socket.once('close', () => reject(new Error('the stream was closed')))
      })
    const reply = replies.shift()!
    if (reply.result !== 'ok') throw new Error(`${reply.response}: ${reply.message ?? 'refused'}`)
  }
  const { clientSecret, accessTokens, topics } = options
  await ask({ command: 'add-tenants-v1', clientSecret, accessTokens })
  await ask({ command: 'add-topics-v1', topics: topics.map((topic) => ({ topic })) })
  await ask({ command: 'subscribe-v1' })
  socket.on('error', () => {})
  return {
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return
      socket.close()
      const given = setTimeout(() => socket.terminate(), 2_000)
      await once(socket, 'close')
      clearTimeout(given)
    },
  }
}
