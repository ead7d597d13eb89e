import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Verdict } from '../harness/judge.ts'
import { between, seededRandom } from '../harness/random.ts'
import { ServerProcess } from '../harness/server-process.ts'
import { Company } from './company.ts'
import type { Control, ControlOptions, Fault } from './fault.ts'
import { oldStore, unpackOldStore } from './old-store.ts'
import { traceObstacle } from './trace.ts'

const databases = ['log.db', 'registry.db', 'delivery.db'] as const
const calls = 'pwrite64'
/** A start writes to each database less often than this; a round that is beyond the last write starts again at 1. */
const mostWrites = 12
const mostControls = 6

/**
 * Killed at the first, second, … write to each database while it is made, and every other time while it is
 * migrated from format 1: the next start finishes the work.
 */
export const migrationKill: Fault = {
  name: 'kill in migration',
  obstacle: traceObstacle,
  async run({ rounds, seed, directory, onRound }) {
    const random = seededRandom(seed)
    const verdicts: Verdict[] = []
    let killed = 0
    let migrated = 0
    for (let round = 0; round < rounds; round++) {
      const database = databases[round % databases.length]!
      const isMany = rounds >= databases.length * mostWrites
      let when = isMany
        ? 1 + (Math.floor(round / (2 * databases.length)) % mostWrites)
        : between(random, 1, mostWrites / 2)
      let place = ''
      // From a write that no start makes, to one that it does.
      for (; when > 0; when = Math.floor(when / 2)) {
        place = join(directory, `${round}-${when}`)
        mkdirSync(place)
        if (isOld(round)) unpackOldStore(join(place, 'data'))
        if (await isKilled(join(place, 'data'), database, when, join(place, 'trace'))) break
      }
      if (when > 0) killed += 1
      const verdict = await Company.run({ directory: place, rounds: 1, eventsPerRound: 24, seed }, async (company) => {
        company.noteFault(`killed at write ${when} to ${database}`)
        company.allowRound()
        if (isOld(round) && (await holdsOldStore(company.url))) migrated += 1
      })
      verdicts.push(verdict)
      onRound(round + 1)
    }
    const old = Array.from({ length: rounds }, (_, round) => round).filter(isOld).length
    return {
      verdicts,
      demands: [
        { text: `${killed} starts were killed while a database was made or migrated`, isMet: killed === rounds },
        { text: `${migrated} of ${old} old stores had everything after it`, isMet: migrated === old },
      ],
    }
  },
  control,
}

const withoutTransactions = new URL('./without-transactions.ts', import.meta.url).href

/** The same server, whose steps are not in a transaction: what it was killed in cannot be opened. */
async function control({ directory }: ControlOptions): Promise<Control> {
  const wrapper = ['env', `NODE_OPTIONS=--import=${withoutTransactions}`]
  for (let round = 0; round < mostControls; round++) {
    const place = join(directory, String(round))
    mkdirSync(place)
    const data = join(place, 'data')
    const database = databases[1]
    const when = 8 * (round + 1)
    if (!(await isKilled(data, database, when, join(place, 'trace'), wrapper))) continue
    const server = new ServerProcess(data)
    const isOpened = await server.start().then(
      () => true,
      () => false,
    )
    await server.stop()
    if (!isOpened) {
      return {
        text: `without transactions, a start killed at write ${when} left a store that does not open`,
        hasFailed: true,
      }
    }
  }
  return { text: `without transactions, ${mostControls} killed starts left stores that open`, hasFailed: false }
}

/** Each database in turn, first new, then old. */
function isOld(round: number): boolean {
  return Math.floor(round / databases.length) % 2 === 1
}

async function holdsOldStore(url: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${oldStore.accessToken}` }
  const feed = await fetch(`${url}/v1/topics/${oldStore.topic}/events?limit=1000`, { headers })
  const subscriptions = await fetch(`${url}/v1/subscriptions`, { headers })
  const { events } = (await feed.json()) as { events?: unknown[] }
  const { items } = (await subscriptions.json()) as { items?: unknown[] }
  return events?.length === oldStore.events && items?.length === 1
}

async function isKilled(
  data: string,
  database: string,
  when: number,
  output: string,
  wrapper: readonly string[] = [],
): Promise<boolean> {
  const paths = ['', '-wal', '-shm'].flatMap((suffix) => ['-P', join(data, `${database}${suffix}`)])
  const inject = `inject=${calls}:signal=SIGKILL:when=${when}`
  const server = new ServerProcess(data, [
    ...wrapper,
    'strace',
    // The server stays the child, so that it is what a signal reaches.
    '-D',
    '-f',
    ...paths,
    '-e',
    `trace=${calls}`,
    '-e',
    inject,
    '-o',
    output,
  ])
  try {
    await server.start()
    return false
  } catch {
    return true
  } finally {
    await server.stop()
  }
}
