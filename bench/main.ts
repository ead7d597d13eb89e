import { availableParallelism, cpus } from 'node:os'
import { measureClient } from './client.ts'
import { measureDeliver } from './deliver.ts'
import { type Figure, report } from './figure.ts'
import { isolationReport, measureIsolation } from './isolation.ts'
import { measureLog } from './log.ts'
import { measurePages, pagesReport } from './pages.ts'
import { measurePublish } from './publish.ts'
import { measureReplay } from './replay.ts'
import { measureSingle } from './single.ts'
import { measureStart, startReport } from './start.ts'
import { measureStream } from './stream.ts'

/**
 * `npm run bench [-- publish|single|client|deliver|stream|replay|isolation|start|pages]`: each rate beside its named baseline on
 * the same machine in the same run; isolation: latencies with and without hostile endpoints; start: what a start costs, and the memory of an idle server;
 * pages: how long each page takes over a full store, beside a small one.
 */
const rates = ['publish', 'single', 'client', 'deliver', 'stream', 'replay'] as const
const parts = [...rates, 'isolation', 'start', 'pages'] as const
type Rate = (typeof rates)[number]

const publishedEvents = 200_000
const singleEvents = 20_000
const clientRequests = 40_000
const deliveries = 30_000
const streamedEvents = 50_000
const connections = 100
const hostileEndpoints = 1_000
const smallStore = { subscriptions: 100, deliveries: 1_000 }
const fullStore = { subscriptions: 100_000, deliveries: 1_000_000 }

async function measure(part: Rate, log: () => ReturnType<typeof measureLog>): Promise<Figure[]> {
  switch (part) {
    case 'publish':
      return measurePublish(publishedEvents, await log())
    case 'single':
      return measureSingle(singleEvents)
    case 'client':
      return measureClient(clientRequests)
    case 'deliver':
      return measureDeliver(deliveries)
    case 'stream':
      return streamFigures()
    case 'replay':
      return measureReplay(publishedEvents, await log())
    default:
      return part satisfies never
  }
}

async function streamFigures(): Promise<Figure[]> {
  const { bareSend, fanOut, replay, ratio } = await measureStream(streamedEvents, connections)
  const unit = 'deliveries/s'
  const baseline = { what: 'bare sends', perSecond: bareSend.deliveriesPerSecond }
  const line = (rate: typeof bareSend) => ({
    unit,
    perSecond: rate.deliveriesPerSecond,
    cpuSecondsPerMillion: rate.cpuSecondsPerMillion,
  })
  return [
    { what: `ws, a send for each of ${connections} connections`, ...line(bareSend), baseline: null, target: null },
    {
      what: `stream: to ${connections} connections, from the durable log`,
      ...line(fanOut),
      baseline,
      target: { text: '≥ 10', isMet: ratio >= 10 },
    },
    { what: `stream: replay, ${connections / 10} connections`, ...line(replay), baseline, target: null },
  ]
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !parts.some((part) => part === name))
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are: ${parts.join(', ')}.`)
  process.exit(2)
}
console.log(`${cpus()[0]?.model ?? 'a processor'}, ${availableParallelism()} of them; Node ${process.version}`)
let logRates: ReturnType<typeof measureLog> | undefined
for (const part of rates) {
  if (asked.length > 0 && !asked.includes(part)) continue
  const figures = await measure(part, () => {
    logRates ??= measureLog(publishedEvents)
    return logRates
  })
  console.log(`\n${report(figures)}`)
}
if (asked.length === 0 || asked.includes('isolation')) {
  console.log(`\n${isolationReport(await measureIsolation(hostileEndpoints))}`)
}
if (asked.length === 0 || asked.includes('start')) console.log(`\n${startReport(await measureStart())}`)
if (asked.length === 0 || asked.includes('pages')) {
  const onProgress = (text: string) => process.stderr.write(`${text.padEnd(40)}\r`)
  const small = await measurePages(smallStore, onProgress)
  console.log(`\n${pagesReport(small, await measurePages(fullStore, onProgress))}`)
}
