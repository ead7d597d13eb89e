import { expectedNative, expectedStream } from './expected-text.ts'
import type { AcknowledgedLine, AttemptedLine, JournalLine, SentEvent, TriedLine, Way } from './journal.ts'

export interface ReaderVerdict {
  readonly reader: string
  readonly way: Way
  /** Stored events that are its to see. */
  readonly due: number
  /** Different ones that it got. */
  readonly received: number
  /** Due and never received (by a webhook: never accepted). */
  readonly lost: number
  /** Received again: allowed, and counted. */
  readonly duplicated: number
  /** Received after one that stands later in the log, or stored in another order than published. */
  readonly reordered: number
  /** Other bytes than those due, or a signature that is wrong. */
  readonly altered: number
  /** Of a tenant that is not its to see. */
  readonly leaked: number
  /** Never sent, not stored, or stored more often than tried. */
  readonly phantom: number
  /** A delivery id or `sequence` that changed between attempts, that two events share, or that leaves a gap. */
  readonly misnumbered: number
}

export interface Verdict {
  readonly sent: number
  readonly tries: number
  readonly acknowledged: number
  readonly faults: number
  readonly readers: readonly ReaderVerdict[]
  /** The first findings in words. */
  readonly examples: readonly string[]
  /** True: nothing but duplicates was found, and somebody read something. */
  readonly isSound: boolean
}

type Finding = 'lost' | 'duplicated' | 'reordered' | 'altered' | 'leaked' | 'phantom' | 'misnumbered'

interface Sent {
  readonly event: SentEvent
  readonly publisher: string
  readonly place: number
  tries: number
  acknowledged: { readonly id: string; readonly offset: string } | null
}

interface Got {
  readonly text: string
  readonly connection: number
  readonly attempt: AttemptedLine | null
}

interface Reader {
  readonly name: string
  readonly way: Way
  readonly tenants: ReadonlySet<number> | null
  readonly got: Got[]
}

interface Received {
  readonly topic: string
  readonly offset: string
  readonly tenantId: number
  readonly entityId: string
  readonly id?: string
  readonly sequence?: number
}

interface Stored {
  /** Its place in its topic. */
  readonly index: number
  readonly sent: Sent
}

/** What stands in the log, by topic and offset. */
interface Log {
  /** Somebody read all of it; else it is only what was acknowledged. */
  readonly isWhole: boolean
  readonly stored: ReadonlyMap<string, Stored>
}

const maxExamples = 20

/** Takes a run's journal and says what went wrong in it. It knows the wire and nothing of the server. */
export class Judge {
  readonly #published = new Map<string, Sent[]>()
  readonly #byMark = new Map<string, Sent>()
  readonly #tried: TriedLine[] = []
  readonly #acknowledged: AcknowledgedLine[] = []
  readonly #readers = new Map<string, Reader>()
  readonly #early: { reader: string; got: Got }[] = []
  #faults = 0

  take(line: JournalLine): void {
    switch (line.kind) {
      case 'published': {
        const { event, publisher, place } = line
        const sent: Sent = { event, publisher, place, tries: 0, acknowledged: null }
        let events = this.#published.get(publisher)
        if (!events) {
          events = []
          this.#published.set(publisher, events)
        }
        events[place] = sent
        this.#byMark.set(event.entityId, sent)
        break
      }
      case 'tried':
        this.#tried.push(line)
        break
      case 'acknowledged':
        this.#acknowledged.push(line)
        break
      case 'reader': {
        const { reader, way, tenants } = line
        this.#readers.set(reader, { name: reader, way, tenants: tenants && new Set(tenants), got: [] })
        break
      }
      case 'received':
        this.#keep(line.reader, { text: line.text, connection: line.connection, attempt: null })
        break
      case 'attempted':
        this.#keep(line.reader, { text: line.text, connection: 0, attempt: line })
        break
      case 'fault':
        this.#faults += 1
        break
      default:
        line satisfies never
    }
  }

  verdict(): Verdict {
    for (const { reader, got } of this.#early) this.#readers.get(reader)?.got.push(got)
    for (const { publisher, from, count } of this.#tried) {
      for (const sent of this.#published.get(publisher)?.slice(from, from + count) ?? []) sent.tries += 1
    }
    for (const { publisher, from, events } of this.#acknowledged) {
      for (const [index, { id, offset }] of events.entries()) {
        const sent = this.#published.get(publisher)?.[from + index]
        if (sent) sent.acknowledged = { id, offset }
      }
    }
    const examples: string[] = []
    const all = [...this.#byMark.values()]
    const logReader = [...this.#readers.values()].find(({ way }) => way === 'log')
    const log: Log = logReader
      ? { isWhole: true, stored: readStored(logReader, this.#byMark) }
      : { isWhole: false, stored: storedByAnswers(all) }
    const readers = [...this.#readers.values()].map((reader) =>
      new ReaderJudge(reader, this.#byMark, log, examples).verdict(),
    )
    const isSound =
      readers.length > 0 &&
      readers.some(({ received }) => received > 0) &&
      readers.every((found) => faultsOf(found) === 0)
    return {
      sent: all.length,
      tries: all.reduce((sum, { tries }) => sum + tries, 0),
      acknowledged: all.filter(({ acknowledged }) => acknowledged).length,
      faults: this.#faults,
      readers,
      examples,
      isSound,
    }
  }

  #keep(reader: string, got: Got): void {
    const known = this.#readers.get(reader)
    if (known) known.got.push(got)
    else this.#early.push({ reader, got })
  }
}

function faultsOf(found: ReaderVerdict): number {
  const { lost, reordered, altered, leaked, phantom, misnumbered } = found
  return lost + reordered + altered + leaked + phantom + misnumbered
}

/** What stands where, as the reader of the whole log saw it. */
function readStored(reader: Reader, byMark: ReadonlyMap<string, Sent>): Map<string, Stored> {
  const stored = new Map<string, Stored>()
  const lengths = new Map<string, number>()
  for (const { text } of reader.got) {
    const received = read(text)
    const sent = received && byMark.get(received.entityId)
    if (!received || !sent) continue
    const index = lengths.get(received.topic) ?? 0
    lengths.set(received.topic, index + 1)
    const key = keyOf(received)
    if (!stored.has(key)) stored.set(key, { index, sent })
  }
  return stored
}

/** Without a reader of the log, what was acknowledged is what is known of it; its order by publishers alone. */
function storedByAnswers(all: readonly Sent[]): Map<string, Stored> {
  const stored = new Map<string, Stored>()
  for (const sent of all) {
    if (sent.acknowledged) {
      stored.set(keyOf({ topic: sent.event.topic, offset: sent.acknowledged.offset }), { index: Number.NaN, sent })
    }
  }
  return stored
}

class ReaderJudge {
  readonly #reader: Reader
  readonly #byMark: ReadonlyMap<string, Sent>
  readonly #log: Log
  readonly #examples: string[]
  readonly #counts: Record<Finding, number> = {
    lost: 0,
    duplicated: 0,
    reordered: 0,
    altered: 0,
    leaked: 0,
    phantom: 0,
    misnumbered: 0,
  }

  constructor(reader: Reader, byMark: ReadonlyMap<string, Sent>, log: Log, examples: string[]) {
    this.#reader = reader
    this.#byMark = byMark
    this.#log = log
    this.#examples = examples
  }

  verdict(): ReaderVerdict {
    const { name, way, got } = this.#reader
    const received = new Set<string>()
    const order = new OrderJudge()
    const numbers = new NumberJudge()
    for (const { text, connection, attempt } of got) {
      const event = read(text)
      const sent = event && this.#byMark.get(event.entityId)
      if (!event || !sent) {
        this.#found('phantom', text)
        continue
      }
      const key = keyOf(event)
      if (!this.#isDue(event.tenantId) || !this.#isDue(sent.event.tenantId)) this.#found('leaked', text)
      if (!this.#isStored(key, sent)) this.#found('phantom', `${text} is not in the log`)
      if (text !== this.#expected(sent, event) || attempt?.isGenuine === false) this.#found('altered', text)
      if (attempt && !numbers.isSame(key, attempt.id, event.sequence)) this.#found('misnumbered', text)
      if (attempt && !isAccepted(attempt)) continue
      const isFirst = !received.has(key)
      if (!isFirst) this.#found('duplicated')
      received.add(key)
      const index = this.#log.stored.get(key)?.index ?? Number.NaN
      if (way !== 'webhook' && !order.isInOrder({ topic: event.topic, index, connection, isFirst, sent })) {
        this.#found('reordered', text)
      }
    }
    this.#judgeLosses(received)
    if (way === 'log') this.#judgeCopies()
    for (const gap of numbers.gaps()) this.#found('misnumbered', gap)
    const due = [...this.#log.stored.values()].filter(({ sent }) => this.#isDue(sent.event.tenantId)).length
    return { reader: name, way, due, received: received.size, ...this.#counts }
  }

  /** Without a reader of the whole log, what was not answered may stand anywhere in it. */
  #isStored(key: string, sent: Sent): boolean {
    const stored = this.#log.stored.get(key)
    return stored ? stored.sent === sent : !this.#log.isWhole
  }

  #judgeLosses(received: ReadonlySet<string>): void {
    for (const [key, { sent }] of this.#log.stored) {
      if (this.#isDue(sent.event.tenantId) && !received.has(key))
        this.#found('lost', `${sent.event.entityId} at ${key}`)
    }
    for (const { event, acknowledged } of this.#byMark.values()) {
      if (!acknowledged || !this.#isDue(event.tenantId)) continue
      const key = keyOf({ topic: event.topic, offset: acknowledged.offset })
      // Counted above when the log has it.
      if (!received.has(key) && !this.#log.stored.has(key))
        this.#found('lost', `${event.entityId} at ${key}, acknowledged`)
    }
  }

  /** With an id of its own an event stands in the log once, else at most as often as it was tried. */
  #judgeCopies(): void {
    const copies = new Map<Sent, number>()
    for (const { sent } of this.#log.stored.values()) copies.set(sent, (copies.get(sent) ?? 0) + 1)
    for (const [sent, count] of copies) {
      const allowed = sent.event.id === null ? sent.tries : Math.min(1, sent.tries)
      for (let extra = allowed; extra < count; extra++)
        this.#found('phantom', `${sent.event.entityId} stands ${count} times`)
    }
  }

  #expected(sent: Sent, event: Received): string {
    const { offset, sequence, id } = event
    if (this.#reader.way === 'stream') return expectedStream(sent.event, offset)
    return expectedNative(sent.event, {
      offset,
      // An id that the publisher did not choose is known from the answer, if there was one for this copy.
      id: sent.event.id ?? (sent.acknowledged?.offset === offset ? sent.acknowledged.id : (id ?? '')),
      sequence: this.#reader.way === 'webhook' ? (sequence ?? 0) : null,
    })
  }

  #isDue(tenantId: number): boolean {
    return this.#reader.tenants === null || this.#reader.tenants.has(tenantId)
  }

  #found(finding: Finding, example?: string): void {
    this.#counts[finding] += 1
    if (finding !== 'duplicated' && this.#examples.length < maxExamples) {
      this.#examples.push(`${this.#reader.name} ${finding}: ${example}`)
    }
  }
}

/** Whether what a reader gets of each topic comes in the log's order, and the log's in the publishers'. */
class OrderJudge {
  readonly #highest = new Map<string, number>()
  readonly #onConnection = new Map<string, { connection: number; index: number }>()
  readonly #places = new Map<string, number>()
  readonly #seen = new Set<Sent>()

  isInOrder(given: { topic: string; index: number; connection: number; isFirst: boolean; sent: Sent }): boolean {
    const { topic, index, connection, isFirst, sent } = given
    let isRight = true
    const last = this.#onConnection.get(topic)
    // A new connection may replay what an earlier one had; within one, all goes forward.
    if (last?.connection === connection && last.index >= index) isRight = false
    this.#onConnection.set(topic, { connection, index })
    if (!isFirst) return isRight
    if ((this.#highest.get(topic) ?? -1) > index) isRight = false
    else this.#highest.set(topic, index)
    const line = `${topic} ${sent.publisher}`
    const place = this.#places.get(line) ?? -1
    // A copy of an unanswered try comes after later ones of the same try; its first appearance counts.
    if (sent.place < place && !this.#seen.has(sent)) isRight = false
    if (sent.place > place) this.#places.set(line, sent.place)
    this.#seen.add(sent)
    return isRight
  }
}

/** Whether each event has one delivery id and one `sequence`, on every attempt, and these leave no gap. */
class NumberJudge {
  readonly #byKey = new Map<string, { readonly id: string; readonly sequence: number | undefined }>()
  readonly #byId = new Map<string, string>()
  readonly #bySequence = new Map<number, string>()

  isSame(key: string, id: string, sequence: number | undefined): boolean {
    const known = this.#byKey.get(key)
    if (known) return known.id === id && known.sequence === sequence
    this.#byKey.set(key, { id, sequence })
    const isUnique = !this.#byId.has(id) && (sequence === undefined || !this.#bySequence.has(sequence))
    this.#byId.set(id, key)
    if (sequence !== undefined) this.#bySequence.set(sequence, key)
    return isUnique && sequence !== undefined
  }

  *gaps(): Iterable<string> {
    const sequences = [...this.#bySequence.keys()].sort((a, b) => a - b)
    for (const [index, sequence] of sequences.entries()) {
      const before = index === 0 ? 0 : sequences[index - 1]!
      if (sequence !== before + 1) yield `sequence ${sequence} came after ${before}`
    }
  }
}

function isAccepted(attempt: AttemptedLine): boolean {
  return attempt.status >= 200 && attempt.status <= 299
}

function keyOf({ topic, offset }: { topic: string; offset: string }): string {
  return `${topic} ${offset}`
}

/** Null: this is no event at all. */
function read(text: string): Received | null {
  try {
    const event = JSON.parse(text) as Partial<Received>
    const isWhole =
      typeof event.topic === 'string' &&
      typeof event.offset === 'string' &&
      typeof event.tenantId === 'number' &&
      typeof event.entityId === 'string'
    return isWhole ? (event as Received) : null
  } catch {
    return null
  }
}
