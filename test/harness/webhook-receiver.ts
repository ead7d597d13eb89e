import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { CoordinatorLink } from './coordinator-link.ts'
import { Journal } from './journal.ts'
import { seededRandom } from './random.ts'

export interface WebhookReceiverOptions {
  readonly journal: string
  readonly reader: string
  readonly tenants: readonly number[]
  readonly seed: number
  /** The share of requests that are answered with 500. */
  readonly failing: number
  /** A signature may be of any time, not just of the last minutes. */
  readonly toleratesAnyTime: boolean
}

/** An integrator's receiver: verifies each request, fails some, keeps what it was sent. */
async function listen(options: WebhookReceiverOptions, link: CoordinatorLink, journal: Journal): Promise<string> {
  const webhook = link.signingSecret.then((secret) => new Webhook(secret))
  const random = seededRandom(options.seed)
  const accepted = new Set<string>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', async () => {
      const body = Buffer.concat(chunks)
      const text = body.toString('utf8')
      const id = String(request.headers['webhook-id'])
      let isGenuine = true
      try {
        const verifier = await webhook
        if (options.toleratesAnyTime) isGenuine = isSigned(verifier, text, request.headers)
        else verifier.verify(body, request.headers as Record<string, string>)
      } catch {
        isGenuine = false
      }
      const status = random() < options.failing ? 500 : 204
      journal.write({ kind: 'attempted', reader: options.reader, id, isGenuine, status, text })
      response.writeHead(status).end()
      if (status !== 204) return
      accepted.add(id)
      link.progress(accepted.size)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
}

function isSigned(verifier: Webhook, text: string, headers: IncomingHttpHeaders): boolean {
  const time = new Date(Number(headers['webhook-timestamp']) * 1_000)
  return String(headers['webhook-signature'])
    .split(' ')
    .includes(verifier.sign(String(headers['webhook-id']), time, text))
}

if (import.meta.main) {
  const options = JSON.parse(process.argv[2]!) as WebhookReceiverOptions
  const link = new CoordinatorLink()
  const journal = new Journal(options.journal, options.reader)
  journal.write({ kind: 'reader', reader: options.reader, way: 'webhook', tenants: options.tenants })
  const url = await listen(options, link, journal)
  link.tell({ kind: 'ready', url })
  await link.finished
  await journal.close()
  process.exit(0)
}
