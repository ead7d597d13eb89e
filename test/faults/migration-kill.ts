import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Verdict } from '../harness/judge.ts'
import { between, seededRandom } from '../harness/random.ts'
import { ServerProcess } from '../harness/server-process.ts'
import { Company } from './company.ts'
import type { Control, ControlOptions, Fault } from './fault.ts'
import { databases, lackingOf, loading, makeOldStore, nextFormat, notMigrated, withNextFormat } from './old-store.ts'
import { traceObstacle } from './trace.ts'

const calls = 'pwrite64'
/** A start writes to each database less often than this; a round that is beyond the last write starts again at 1. */
const mostWrites = 12
const mostControls = 6

/**
 * Killed at the first, second, … write to each database while it is made, and every other time while it is
 * migrated from this version's format to one more: the next start finishes the work.
 */
export const migrationKill: Fault = {
  name: 'kill in migration',
  obstacle: traceObstacle,
  async run({ rounds, seed, directory, onRound }) {
    const random = seededRandom(seed)
    const old = await makeOldStore(join(directory, 'old'))
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
        if (isOld(round)) cpSync(old.directory, join(place, 'data'), { recursive: true })
        if (await isKilled(join(place, 'data'), database, when, join(place, 'trace'), withNextFormat)) break
      }
      if (when > 0) killed += 1
      let holdsAll = true
      const options = { directory: place, rounds: 1, eventsPerRound: 24, seed, wrapper: withNextFormat }
      const verdict = await Company.run(options, async (company) => {
        company.noteFault(`killed at write ${when} to ${database}`)
        company.allowRound()
        if (isOld(round)) holdsAll = (await lackingOf(old, company.url)).length === 0
      })
      if (holdsAll && notMigrated(join(place, 'data')).length === 0) migrated += 1
      verdicts.push(verdict)
      onRound(round + 1)
    }
    return {
      verdicts,
      demands: [
        { text: `${killed} starts were killed while a database was made or migrated`, isMet: killed === rounds },
        { text: `${migrated} of ${rounds} stores were whole after it`, isMet: migrated === rounds },
      ],
    }
  },
  control,
}

const withoutTransactions = loading(nextFormat, new URL('./without-transactions.ts', import.meta.url))

/** The same server, whose steps are not in a transaction: a store whose migration it was killed in cannot be opened. */
async function control({ directory }: ControlOptions): Promise<Control> {
  const old = await makeOldStore(join(directory, 'old'))
  for (let round = 0; round < mostControls; round++) {
    const place = join(directory, String(round))
    mkdirSync(place)
    const data = join(place, 'data')
    cpSync(old.directory, data, { recursive: true })
    const database = databases[1]
    const when = 8 * (round + 1)
    if (!(await isKilled(data, database, when, join(place, 'trace'), withoutTransactions))) continue
    const server = new ServerProcess(data, withNextFormat)
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
