import WebSocket from 'ws'
import { CoordinatorLink } from './coordinator-link.ts'
import { Journal } from './journal.ts'

export interface StreamReaderOptions {
  readonly journal: string
  readonly reader: string
  readonly tenants: readonly number[]
  readonly clientSecret: string
  readonly accessTokens: readonly string[]
  /** Where each topic begins. */
  readonly offsets: Readonly<Record<string, string>>
}

interface Message {
  readonly response?: string
  readonly result?: string
  readonly message?: string
  readonly tenantId?: number
  readonly topic: string
  readonly offset: string
}

/**
 * An integrator's Fortnox client: the three commands at once, then events; after every loss of the
 * connection the same again from the last offset of each topic.
 */
async function follow(options: StreamReaderOptions, link: CoordinatorLink, journal: Journal): Promise<void> {
  const offsets = new Map(Object.entries(options.offsets))
  const received = new Set<string>()
  let url = ''
  for (let connection = 1; ; connection++) {
    url = await link.server(url)
    const socket = new WebSocket(`${url.replace('http', 'ws')}/topics-v1`)
    await new Promise<void>((resolve) => {
      socket.on('open', () => {
        const topics = [...offsets].map(([topic, offset]) => ({ topic, offset }))
        const { clientSecret, accessTokens } = options
        socket.send(JSON.stringify({ command: 'add-tenants-v1', clientSecret, accessTokens }))
        socket.send(JSON.stringify({ command: 'add-topics-v1', topics }))
        socket.send(JSON.stringify({ command: 'subscribe-v1' }))
      })
      socket.on('message', (data) => {
        const text = data.toString()
        const message = JSON.parse(text) as Message
        if (message.tenantId === undefined) {
          if (message.result !== 'ok') throw new Error(`${options.reader}: ${text}`)
          return
        }
        journal.write({ kind: 'received', reader: options.reader, connection, text })
        offsets.set(message.topic, message.offset)
        received.add(`${message.topic} ${message.offset}`)
        link.progress(received.size)
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  }
}

if (import.meta.main) {
  const options = JSON.parse(process.argv[2]!) as StreamReaderOptions
  const link = new CoordinatorLink()
  const journal = new Journal(options.journal, options.reader)
  journal.write({ kind: 'reader', reader: options.reader, way: 'stream', tenants: options.tenants })
  link.tell({ kind: 'ready' })
  await Promise.race([follow(options, link, journal), link.finished])
  await journal.close()
  process.exit(0)
}
