import { ClientProcess } from '../harness/clients.ts'
import { Journal } from '../harness/journal.ts'
import { between, seededRandom } from '../harness/random.ts'
import { openStream, openWebhook } from '../harness/readers.ts'
import { operate, registerIntegration, registerTenants } from '../harness/registration.ts'
import { sampleTopics } from '../harness/sample-events.ts'
import { ServerProcess } from '../harness/server-process.ts'
import { readStoredLog } from '../harness/stored-log.ts'
import { until } from '../harness/until.ts'

export interface CrashOptions {
  readonly directory: string
  readonly journal: string
  readonly events: number
  readonly kills: number
  readonly seed: number
}

const tenantCount = 50
/** Tenants that the second integration is granted; it must get nothing of the others. */
const fewTenants = 10

/** One run: publishers, a stream, webhooks; the server is killed again and again in the middle of it. */
export async function runCrashes(options: CrashOptions): Promise<{ complaints: string }> {
  const random = seededRandom(options.seed)
  const server = new ServerProcess(options.directory)
  const journal = new Journal(options.journal, 'coordinator')
  const clients: ClientProcess[] = []
  try {
    let url = await server.start()
    const tenants = await registerTenants(url, tenantCount)
    const wide = await registerIntegration(url, 'wide', tenants)
    const narrow = await registerIntegration(url, 'narrow', tenants.slice(0, fewTenants))
    const streams = [await openStream(url, wide, options), await openStream(url, narrow, options)]
    const webhooks = [await openWebhook(url, wide, options), await openWebhook(url, narrow, options)]
    const { key } = await operate<{ key: string }>(url, 'POST', '/v1/keys', { kind: 'pub' })
    const publishers = await Promise.all(
      [1, 2].map((number) =>
        ClientProcess.start(`publishers-${number}`, './publishers.ts', {
          journal: options.journal,
          name: `publishers-${number}`,
          key,
          seed: options.seed + number * 100,
          events: Math.floor(options.events / 2) + (number === 1 ? options.events % 2 : 0),
          tenants,
          publishers: 4,
        }),
      ),
    )
    clients.push(...streams, ...webhooks, ...publishers)
    const sum = (of: readonly ClientProcess[]) => of.reduce((total, { count }) => total + count, 0)
    const tellServer = () => {
      for (const client of clients) client.tell({ kind: 'server', url })
    }
    tellServer()

    for (const kill of killPlan(options, random)) {
      const amount = kill.by === 'published' ? () => sum(publishers) : () => webhooks[0]!.count
      await until(clients, () => amount() >= kill.amount)
      await new Promise((resolve) => setTimeout(resolve, random() * 30))
      journal.write({ kind: 'fault', fault: 'kill', acknowledged: sum(publishers), delivered: webhooks[0]!.count })
      await server.kill()
      url = await server.start()
      tellServer()
    }

    await until(clients, () => publishers.every(({ isDone }) => isDone))
    const stored = await readStoredLog(url, sampleTopics, journal)
    const dueTo = (of: readonly number[]) => of.reduce((total, tenant) => total + (stored.get(tenant) ?? 0), 0)
    const [dueWide, dueNarrow] = [dueTo(wide.tenants), dueTo(narrow.tenants)]
    await until(clients, () =>
      [streams, webhooks].every(([toWide, toNarrow]) => toWide!.count >= dueWide && toNarrow!.count >= dueNarrow),
    )
    await Promise.all(clients.map((client) => client.finish()))
    await journal.close()
    await server.stop()
    return { complaints: server.complaints }
  } finally {
    for (const client of clients) client.kill()
    await server.kill()
  }
}

/** Half of the kills by what was published, half by what was delivered after. */
function* killPlan(
  { events, kills }: CrashOptions,
  random: () => number,
): Iterable<{ by: 'published' | 'delivered'; amount: number }> {
  const early = Math.ceil(kills / 2)
  const amounts = (count: number) =>
    Array.from({ length: count }, () => between(random, Math.floor(events * 0.02), Math.floor(events * 0.95))).sort(
      (a, b) => a - b,
    )
  for (const amount of amounts(early)) yield { by: 'published', amount }
  for (const amount of amounts(kills - early)) yield { by: 'delivered', amount }
}
