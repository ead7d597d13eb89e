import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ClientProcess } from '../harness/clients.ts'
import type { ReaderVerdict } from '../harness/judge.ts'
import { between, seededRandom } from '../harness/random.ts'
import { operate, registerTenants } from '../harness/registration.ts'
import { sampleTopics } from '../harness/sample-events.ts'
import { adminKey, ServerProcess } from '../harness/server-process.ts'
import { eventTexts } from '../harness/stored-log.ts'
import type { Control, ControlOptions, Fault } from './fault.ts'

const events = 3_000
const mostBytes = 8
const controlEvents = 600
const controlRounds = 20

type Counts = Pick<ReaderVerdict, 'due' | 'received' | 'lost' | 'altered' | 'phantom'>

/** Bytes of the log's file change on disk: what they held is refused by name, never served, never left out in silence. */
export const damage: Fault = {
  name: 'damaged bytes',
  async run({ rounds, seed, directory, onRound }) {
    const random = seededRandom(seed)
    const data = join(directory, 'data')
    const journal = join(directory, 'journal')
    mkdirSync(journal)
    const whole = await publishSome(data, journal, { seed, events })
    const due = [...whole.values()].reduce((sum, texts) => sum + texts.length, 0)
    const counts = { due: due * rounds, received: 0, lost: 0, altered: 0, phantom: 0 }
    const outcomes = { 'not started': 0, 'not served': 0, harmless: 0 }
    const examples: string[] = []
    const isWholeServed = await servesAll(data, whole)
    for (let round = 0; round < rounds; round++) {
      const copy = join(directory, `data-${round}`)
      cpSync(data, copy, { recursive: true })
      const at = damageFile(join(copy, 'log.db'), random)
      const server = new ServerProcess(copy)
      try {
        const url = await server.start().catch(() => null)
        if (url === null) {
          outcomes['not started'] += 1
          if (!/damaged|no database|unsafe_store/.test(server.complaints)) examples.push(`${at}: ${server.complaints}`)
          continue
        }
        const before = counts.lost + counts.altered + counts.phantom
        const isRefused = await readAll(url, whole, counts)
        outcomes[isRefused ? 'not served' : 'harmless'] += 1
        if (counts.lost + counts.altered + counts.phantom > before) examples.push(`damaged at ${at}`)
      } finally {
        await server.stop()
        onRound(round + 1)
      }
    }
    const reader: ReaderVerdict = {
      ...{ reader: 'log', way: 'log', duplicated: 0, reordered: 0, leaked: 0, misnumbered: 0 },
      ...counts,
    }
    const isSound = counts.lost + counts.altered + counts.phantom === 0
    const verdict = {
      sent: events,
      tries: events,
      acknowledged: events,
      faults: rounds,
      readers: [reader],
      examples,
      isSound,
    }
    const said = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`)
    return {
      verdicts: [verdict],
      demands: [
        { text: `of ${rounds} damaged files: ${said.join(', ')}`, isMet: outcomes.harmless < rounds },
        { text: `undamaged, the file was ${isWholeServed ? '' : 'not '}served whole from disk`, isMet: isWholeServed },
        { text: `${examples.length} without a reason given`, isMet: examples.length === 0 },
      ],
    }
  },
  control,
}

/** The same damage, read by SQLite alone: it gives out what it finds, but where its own pages make no sense. */
async function control({ seed, directory }: ControlOptions): Promise<Control> {
  const random = seededRandom(seed)
  const data = join(directory, 'data')
  const journal = join(directory, 'journal')
  mkdirSync(journal)
  await publishSome(data, journal, { seed, events: controlEvents })
  const whole = rowsIn(join(data, 'log.db'))
  let altered = 0
  for (let round = 0; round < controlRounds; round++) {
    const copy = join(directory, `data-${round}`)
    cpSync(data, copy, { recursive: true })
    damageFile(join(copy, 'log.db'), random)
    try {
      if (rowsIn(join(copy, 'log.db')) !== whole) altered += 1
    } catch {
      // SQLite saw it.
    }
  }
  return { text: `SQLite alone: ${altered} of ${controlRounds} damaged files served altered`, hasFailed: altered > 0 }
}

function rowsIn(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    return tables
      .map(({ name }) => {
        const rows = database.prepare(`SELECT * FROM "${name}"`).all()
        return JSON.stringify(rows, (_, value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
        )
      })
      .join('\n')
  } finally {
    database.close()
  }
}

/** Fills a log. Returns the texts of each topic, as they are served from it. */
async function publishSome(
  data: string,
  journal: string,
  { seed, events }: { readonly seed: number; readonly events: number },
): Promise<Map<string, string[]>> {
  const server = new ServerProcess(data)
  try {
    const url = await server.start()
    const tenants = await registerTenants(url, 5)
    const { key } = await operate<{ key: string }>(url, 'POST', '/v1/keys', { kind: 'pub' })
    const options = { journal, name: 'publishers', key, seed, events, tenants, publishers: 4 }
    const publishers = await ClientProcess.start('publishers', './publishers.ts', options)
    publishers.tell({ kind: 'server', url })
    await new Promise<void>((resolve) => {
      const ended = publishers.onChanged(() => {
        if (!publishers.isDone) return
        ended()
        resolve()
      })
    })
    await publishers.finish()
    const whole = new Map<string, string[]>()
    for (const topic of sampleTopics) whole.set(topic, (await readTopic(url, topic)).texts)
    return whole
  } finally {
    await server.stop()
  }
}

async function servesAll(data: string, whole: ReadonlyMap<string, readonly string[]>): Promise<boolean> {
  const server = new ServerProcess(data)
  try {
    const url = await server.start()
    const counts = { due: 0, received: 0, lost: 0, altered: 0, phantom: 0 }
    const isRefused = await readAll(url, whole, counts)
    return !isRefused && counts.received > 0 && counts.lost + counts.altered + counts.phantom === 0
  } finally {
    await server.stop()
  }
}

/** Returns where. */
function damageFile(file: string, random: () => number): string {
  const bytes = readFileSync(file)
  const at = between(random, 0, statSync(file).size - mostBytes)
  const count = between(random, 1, mostBytes)
  for (let index = at; index < at + count; index++) bytes[index]! ^= between(random, 1, 255)
  writeFileSync(file, bytes)
  return `byte ${at}, ${count} long`
}

/** Compares all that is served with what it was. True: something was refused. */
async function readAll(
  url: string,
  whole: ReadonlyMap<string, readonly string[]>,
  counts: Mutable<Counts>,
): Promise<boolean> {
  let isAnyRefused = false
  for (const [topic, texts] of whole) {
    const known = new Set(texts)
    const known_ = new Set(texts.map((text) => /"offset":"([^"]*)"/.exec(text)![1]))
    const { texts: served, isRefused } = await readTopic(url, topic)
    for (const text of served) {
      if (known.has(text)) counts.received += 1
      else if (known_.has(/"offset":"([^"]*)"/.exec(text)?.[1])) counts.altered += 1
      else counts.phantom += 1
    }
    const isPrefix = served.every((text, index) => text === texts[index])
    // What is served before a refusal has no gap either.
    if (isRefused ? !isPrefix : served.length < texts.length) counts.lost += texts.length - served.length
    isAnyRefused ||= isRefused
  }
  return isAnyRefused
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

async function readTopic(url: string, topic: string): Promise<{ texts: string[]; isRefused: boolean }> {
  const texts: string[] = []
  let after = ''
  for (;;) {
    const path = `/v1/topics/${topic}/events?limit=1000${after === '' ? '' : `&after=${after}`}`
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminKey}` } })
    const text = await response.text()
    if (response.status === 503 && text.includes('storage_unavailable')) return { texts, isRefused: true }
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text}`)
    const page = eventTexts(text)
    if (page.length === 0) return { texts, isRefused: false }
    texts.push(...page)
    after = (JSON.parse(text) as { next: string }).next
  }
}
