import { ClientProcess } from './clients.ts'
import { type Registered, subscribe } from './registration.ts'
import { sampleTopics } from './sample-events.ts'
import { beginnings } from './stored-log.ts'

interface ReaderOptions {
  /** The journals' directory. */
  readonly journal: string
  readonly seed: number
  /** The server's clock jumps: a signature may be of any time. */
  readonly toleratesAnyTime?: boolean
}

export async function openStream(url: string, integration: Registered, options: ReaderOptions): Promise<ClientProcess> {
  const { name, tenants, clientSecret, accessTokens } = integration
  return ClientProcess.start(`${name}-stream`, './stream-reader.ts', {
    journal: options.journal,
    reader: `${name}-stream`,
    tenants,
    clientSecret,
    accessTokens,
    offsets: await beginnings(url, sampleTopics),
  })
}

export async function openWebhook(
  url: string,
  integration: Registered,
  options: ReaderOptions,
): Promise<ClientProcess> {
  const { name, tenants } = integration
  const receiver = await ClientProcess.start(`${name}-webhook`, './webhook-receiver.ts', {
    journal: options.journal,
    reader: `${name}-webhook`,
    tenants,
    seed: options.seed,
    failing: 0.1,
    toleratesAnyTime: options.toleratesAnyTime ?? false,
  })
  const { signingSecret } = await subscribe(url, integration, {
    endpoint: { url: receiver.url },
    types: ['*'],
    concurrency: 16,
    retry: { delaysSeconds: [0.2, 0.5, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2] },
  })
  receiver.tell({ kind: 'secret', signingSecret })
  return receiver
}
