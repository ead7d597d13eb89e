import { join } from 'node:path'
import { between, seededRandom } from '../harness/random.ts'
import { sampleTopics } from '../harness/sample-events.ts'
import { adminKey } from '../harness/server-process.ts'
import { Company } from './company.ts'
import { controlBehindGateway } from './control.ts'
import type { Control, ControlOptions, Fault, FaultOptions, FaultRun } from './fault.ts'
import { lasting } from './pause.ts'
import { Trace, traceObstacle } from './trace.ts'

/** How long it stays, at least, once events are on their way. */
const lastsMs = 1_000

/**
 * The first sync of each thread to disk, and each K-th after it, reports an error: what it was to make durable may or
 * may not be. The first, because a round's events may take no more than one.
 */
export const syncErrors: Fault = {
  name: 'EIO on sync',
  obstacle: traceObstacle,
  run: (options) => disturbCalls(options, (random) => `fsync,fdatasync:error=EIO:when=1+${between(random, 1, 5)}`),
  control: (options) => disturbAnsweredFor(options, 'fsync,fdatasync:error=EIO'),
}

/** Some writes report an error, of the log, the registry and the delivery state alike, and nothing of them is written. */
export const writeErrors: Fault = {
  name: 'EIO on write',
  obstacle: traceObstacle,
  run: (options) =>
    disturbCalls(options, (random) => {
      const each = between(random, 2, 9)
      return `pwrite64:error=EIO:when=${between(random, 1, each)}+${each}`
    }),
  control: (options) => disturbAnsweredFor(options, 'pwrite64:error=EIO'),
}

/**
 * Some reads report an error while a server that was just started has to read: the log from its beginning, and what
 * it has to deliver. Publishing reads little, so the disk of the control takes no writes either.
 */
export const readErrors: Fault = {
  name: 'EIO on read',
  obstacle: traceObstacle,
  run: (options) =>
    disturbCalls(
      options,
      (random) => {
        const each = between(random, 1, 6)
        return `pread64:error=EIO:when=${between(random, 1, each)}+${each}`
      },
      { before: startWithSomeToRead, meanwhile: replay },
    ),
  control: (options) => disturbAnsweredFor(options, 'pread64,pwrite64:error=EIO'),
}

/**
 * Each sync takes long: everything waits for it, and nothing else suffers. It loses nothing at whoever waits,
 * so the control is one that does not: what comes of that is stored twice.
 */
export const slowSyncs: Fault = {
  name: 'slow sync',
  obstacle: traceObstacle,
  run: (options) => disturbCalls(options, (random) => `fsync,fdatasync:delay_enter=${between(random, 20, 300)}ms`),
  control: (options) =>
    controlBehindGateway(options, { carelessness: 'asks again', finding: 'phantom' }, (company) =>
      disturbRound(company, 'fsync,fdatasync:delay_enter=300ms', options.directory),
    ),
}

function disturbAnsweredFor(options: ControlOptions, injection: string): Promise<Control> {
  const given = { carelessness: 'answers for the server', finding: 'lost' } as const
  return controlBehindGateway(options, given, (company) => disturbRound(company, injection, options.directory))
}

async function disturbRound(company: Company, injection: string, directory: string): Promise<void> {
  const trace = await Trace.attach(company.server.pid!, injection, join(directory, 'trace'))
  company.noteFault(injection)
  const all = company.allowRound()
  await company.until(() => company.acknowledged >= all)
  await trace.end()
}

interface Circumstances {
  /** Before each round's disturbance, once its events are allowed; gets how many are acknowledged with them. */
  readonly before?: (company: Company, all: number) => Promise<void>
  /** During it. */
  readonly meanwhile?: (company: Company) => Promise<void>
}

async function disturbCalls(
  { rounds, seed, directory, onRound }: FaultOptions,
  injectionOf: (random: () => number) => string,
  { before: prepare, meanwhile }: Circumstances = {},
): Promise<FaultRun> {
  const random = seededRandom(seed)
  let injected = 0
  let disturbed = 0
  const verdict = await Company.run({ directory, rounds, seed }, async (company) => {
    for (let round = 0; round < rounds; round++) {
      const before = company.acknowledged
      const injection = injectionOf(random)
      if (prepare) await prepare(company, company.eventsPerRound * (round + 1))
      const trace = await Trace.attach(company.server.pid!, injection, join(directory, `trace-${round}`))
      company.noteFault(injection)
      const all = prepare ? company.eventsPerRound * (round + 1) : company.allowRound()
      await Promise.all([lasting(lastsMs), meanwhile?.(company)])
      const count = await trace.end()
      injected += count
      if (count > 0) disturbed += 1
      // The same process takes up publishing again by itself.
      await company.until(() => company.acknowledged >= Math.max(before + 1, all))
      onRound(round + 1)
    }
  })
  const text = `${injected} calls were disturbed, in ${disturbed} of ${rounds} rounds`
  return { verdicts: [verdict], demands: [{ text, isMet: disturbed === rounds }] }
}

/** Half of a round is published, and a server that has nothing in memory goes on with it. */
async function startWithSomeToRead(company: Company, all: number): Promise<void> {
  company.allowRound()
  await company.until(() => company.acknowledged >= all - company.eventsPerRound / 2)
  await company.server.kill()
  await company.restart()
}

/** Has the server read from disk. What cannot be read is refused as that. @throws Error for any other answer */
async function replay({ url }: Company): Promise<void> {
  const headers = { authorization: `Bearer ${adminKey}` }
  for (const topic of sampleTopics) {
    const response = await fetch(`${url}/v1/topics/${topic}/events?limit=1000`, { headers })
    const text = await response.text()
    const isRefused = response.status === 503 && text.includes('storage_unavailable')
    if (!response.ok && !isRefused) throw new Error(`a failing disk was answered with ${response.status}: ${text}`)
  }
}
