import { readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../harness/random.ts'
import { sampleTopics } from '../harness/sample-events.ts'
import { beginnings } from '../harness/stored-log.ts'
import { Company } from './company.ts'
import { controlOf } from './control.ts'
import type { Fault } from './fault.ts'
import { lasting } from './pause.ts'

/** Where the clock stands in turn; each is a jump from the one before. */
const places = ['+1h', '+0', '-1h', '+15d', '-15d', '+0', '+15d', '+0', '-15d', '+0'] as const
const lastsMs = 1_200
/** How long the control waits for what is too old to go. */
const mostLooks = 40
const lookMs = 250

/** The wall clock jumps while the server runs, by an hour and by more than the retention, both ways. */
export const clockJump: Fault = {
  name: 'clock jump',
  obstacle: () => (library() === undefined ? 'there is no libfaketime here' : undefined),
  async run({ rounds, seed, directory, onRound }) {
    const random = seededRandom(seed)
    const { wrapper, set } = movedClock(directory)
    const given = { directory, rounds, seed, wrapper, toleratesAnyTime: true }
    let seen = 0
    const verdict = await Company.run(given, async (company) => {
      for (let round = 0; round < rounds; round++) {
        const place = places[round % places.length]!
        const all = company.allowRound()
        await lasting(random() * 50)
        company.noteFault(`clock ${place}`)
        set(place)
        await lasting(lastsMs)
        if (Math.abs((await serverTime(company.url)) - Date.now() - millisecondsOf(place)) < 60_000) seen += 1
        await company.until(() => company.acknowledged >= all)
        onRound(round + 1)
      }
      set('+0')
    })
    return {
      verdicts: [verdict],
      demands: [
        { text: `the server's clock was seen to have jumped in ${seen} of ${rounds} rounds`, isMet: seen === rounds },
      ],
    }
  },
  /** A server that is started with a clock so far ahead takes it for the time: what it has is too old to be kept. */
  async control({ seed, directory }) {
    const { wrapper, set } = movedClock(directory)
    const given = { directory, rounds: 1, seed, wrapper, readsLogAlone: true }
    const verdict = await Company.run(given, async (company) => {
      const all = company.allowRound()
      await company.until(() => company.acknowledged >= all)
      const before = await beginningOf(company)
      await company.server.stop()
      company.noteFault('clock +15d')
      set('+15d')
      await company.restart()
      for (let look = 0; look < mostLooks && (await beginningOf(company)) === before; look++) await lasting(lookMs)
    })
    return controlOf('a server that is started by such a clock', verdict, 'lost')
  },
}

async function beginningOf({ url }: Company): Promise<string> {
  return JSON.stringify(await beginnings(url, sampleTopics))
}

/** Puts a server on a clock of its own, which `set` moves: by so much from the real one. */
function movedClock(directory: string): { wrapper: readonly string[]; set: (offset: string) => void } {
  const file = join(directory, 'time')
  const set = (offset: string) => {
    writeFileSync(`${file}.new`, `${offset}\n`)
    renameSync(`${file}.new`, file)
  }
  set('+0')
  const wrapper = [
    'env',
    `LD_PRELOAD=${library()}`,
    `FAKETIME_TIMESTAMP_FILE=${file}`,
    'FAKETIME_NO_CACHE=1',
    'FAKETIME_DONT_FAKE_MONOTONIC=1',
  ]
  return { wrapper, set }
}

function library(): string | undefined {
  const folders = ['/usr/lib', '/usr/lib64', ...foldersIn('/usr/lib')]
  for (const folder of folders) {
    const found = filesIn(join(folder, 'faketime')).find((name) => name === 'libfaketimeMT.so.1')
    if (found) return join(folder, 'faketime', found)
  }
  return undefined
}

function foldersIn(path: string): string[] {
  return filesIn(path)
    .filter((name) => name.includes('-linux-'))
    .map((name) => join(path, name))
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function millisecondsOf(place: string): number {
  const amount = Number.parseInt(place, 10)
  return amount * (place.endsWith('d') ? 86_400_000 : 3_600_000)
}

/** To the second, as its `Date` header has it. */
async function serverTime(url: string): Promise<number> {
  const response = await fetch(`${url}/livez`)
  await response.arrayBuffer()
  return Date.parse(response.headers.get('date') ?? '')
}
