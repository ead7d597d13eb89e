import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ReceivedEvent, SignatureError, verifyWebhook } from '@tidings/client'

export interface WebhookReceiver {
  readonly url: string
  readonly port: number
  /** Until it is set every webhook is refused. */
  setSecret(secret: string): void
  close(): Promise<void>
}

const maxBodyBytes = 1024 * 1024

/** An integrator's endpoint, as one would be written: the signature first, then the event. */
export async function startReceiver(onEvent: (event: ReceivedEvent) => void): Promise<WebhookReceiver> {
  let secrets: readonly string[] = []
  const server = createServer(async (request, response) => {
    const answer = (status: number) => response.writeHead(status).end()
    try {
      const body = await bodyOf(request)
      const { events } = await verifyWebhook({ headers: request.headers, body, secrets })
      answer(204)
      for (const event of events) onEvent(event)
    } catch (error) {
      answer(error instanceof SignatureError ? 400 : 500)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    setSecret(secret) {
      secrets = [secret]
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBodyBytes) throw new RangeError('a webhook this large is not one of ours')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
