import { describe, expect, test } from 'vitest'
import { expectedNative, expectedStream } from './expected-text.ts'
import type { JournalLine, SentEvent, Way } from './journal.ts'
import { Judge, type ReaderVerdict } from './judge.ts'

const tenants = [1, 2]

function sampleEvent(place: number, change: Partial<SentEvent> = {}): SentEvent {
  return {
    entityId: `p-${place}`,
    tenantId: tenants[place % 2]!,
    topic: 'invoices',
    type: 'invoice.updated',
    streamName: 'invoice-updated-v1',
    time: '2017-12-28T14:59:16.500+01:00',
    id: `id-${place}`,
    version: null,
    attributes: null,
    data: '{"total":12345678901234567.89}',
    ...change,
  }
}

const events = Array.from({ length: 6 }, (_, place) => sampleEvent(place))
/** Offsets say nothing of the order: the checker must not read them. */
const offsetOf = (place: number) => `o${(place * 7) % 10}`

function published(all: readonly SentEvent[] = events): JournalLine[] {
  return [
    ...all.map((event, place) => ({ kind: 'published', publisher: 'p', place, event }) as const),
    { kind: 'tried', publisher: 'p', from: 0, count: all.length },
    {
      kind: 'acknowledged',
      publisher: 'p',
      from: 0,
      events: all.map((event, place) => ({
        id: event.id ?? `evt_${place}`,
        offset: offsetOf(place),
        duplicate: false,
      })),
    },
  ]
}

const nativeText = (place: number, sequence: number | null = null) =>
  expectedNative(events[place]!, { offset: offsetOf(place), id: `id-${place}`, sequence })
const streamText = (place: number) => expectedStream(events[place]!, offsetOf(place))

const readerLine = (reader: string, way: Way, of: readonly number[] | null): JournalLine => ({
  kind: 'reader',
  reader,
  way,
  tenants: of,
})

function receivedBy(reader: string, texts: readonly string[], connection = 1): JournalLine[] {
  return texts.map((text) => ({ kind: 'received', reader, connection, text }))
}

const log = [
  readerLine('log', 'log', null),
  ...receivedBy(
    'log',
    events.map((_, place) => nativeText(place)),
  ),
]

function stream(texts: readonly string[], of: readonly number[] | null = null): JournalLine[] {
  return [readerLine('stream', 'stream', of), ...receivedBy('stream', texts)]
}

const allStreamed = events.map((_, place) => streamText(place))

const attempt = (
  place: number,
  change: Partial<{ id: string; isGenuine: boolean; status: number; text: string; sequence: number }> = {},
): JournalLine => ({
  kind: 'attempted',
  reader: 'webhook',
  id: change.id ?? `dlv_${place}`,
  isGenuine: change.isGenuine ?? true,
  status: change.status ?? 204,
  text: change.text ?? nativeText(place, change.sequence ?? place + 1),
})

function webhook(attempts: readonly JournalLine[], of: readonly number[] | null = null): JournalLine[] {
  return [readerLine('webhook', 'webhook', of), ...attempts]
}

const allAttempted = events.map((_, place) => attempt(place))

function judge(...parts: (readonly JournalLine[])[]) {
  const judge = new Judge()
  for (const part of parts) for (const line of part) judge.take(line)
  return judge.verdict()
}

const none = { lost: 0, duplicated: 0, reordered: 0, altered: 0, leaked: 0, phantom: 0, misnumbered: 0 }

function expectFindings(lines: (readonly JournalLine[])[], reader: string, found: Partial<ReaderVerdict>) {
  const verdict = judge(...lines)
  const got = verdict.readers.find((one) => one.reader === reader)
  expect({ ...got, examples: verdict.examples }).toMatchObject({ ...none, ...found })
  const isSound = Object.keys(found).every((name) => name === 'duplicated' || name === 'due' || name === 'received')
  expect(verdict.isSound).toBe(isSound)
}

describe('what is right', () => {
  test('everything once, in order, by each way', () => {
    const verdict = judge(published(), log, stream(allStreamed), webhook(allAttempted))
    expect(verdict).toMatchObject({ sent: 6, acknowledged: 6, tries: 6, isSound: true, examples: [] })
    expect(verdict.readers.map(({ due, received }) => [due, received])).toEqual([
      [6, 6],
      [6, 6],
      [6, 6],
    ])
  })

  test('the order in which the journals are read does not matter', () => {
    expect(judge(webhook(allAttempted).toReversed(), log.toReversed(), published().toReversed()).readers).toMatchObject(
      [
        { reader: 'webhook', received: 6, lost: 0 },
        { reader: 'log', received: 6, lost: 0 },
      ],
    )
  })

  test('a reader that sees one tenant is due that tenant alone', () => {
    const own = [0, 2, 4].map(streamText)
    expectFindings([published(), log, stream(own, [1])], 'stream', { due: 3, received: 3 })
  })

  test('a refused attempt that is repeated', () => {
    const attempts = [attempt(0, { status: 500 }), ...allAttempted]
    expectFindings([published(), log, webhook(attempts)], 'webhook', {})
  })

  test('a replay on another connection, and an accepted attempt again: duplicates', () => {
    const replay = receivedBy('stream', [streamText(4), streamText(5)], 2)
    expectFindings([published(), log, stream(allStreamed), replay], 'stream', { duplicated: 2 })
    expectFindings([published(), log, webhook([...allAttempted, attempt(3)])], 'webhook', { duplicated: 1 })
  })

  test('an event without an id that was tried twice and is stored twice', () => {
    const anonymous = [sampleEvent(0, { id: null })]
    const copies = ['o0', 'o9'].map((offset) =>
      expectedNative(anonymous[0]!, { offset, id: `evt_${offset}`, sequence: null }),
    )
    const again: JournalLine = { kind: 'tried', publisher: 'p', from: 0, count: 1 }
    const acknowledged: JournalLine = {
      kind: 'acknowledged',
      publisher: 'p',
      from: 0,
      events: [{ id: 'evt_o9', offset: 'o9', duplicate: false }],
    }
    const lines = [...published(anonymous).slice(0, 2), again, acknowledged]
    expectFindings([lines, [log[0]!], receivedBy('log', copies)], 'log', { due: 2, received: 2 })
  })

  test('an unanswered event that is not stored at all', () => {
    const unanswered = published([...events, sampleEvent(6)]).map((line) =>
      line.kind === 'acknowledged' ? { ...line, events: line.events.slice(0, 6) } : line,
    )
    expectFindings([unanswered, log, stream(allStreamed)], 'stream', { due: 6 })
  })
})

describe('each fault is seen', () => {
  test('lost: on the stream, by webhook, from the log', () => {
    expectFindings([published(), log, stream(allStreamed.toSpliced(2, 1))], 'stream', { lost: 1 })
    expectFindings([published(), log, webhook(allAttempted.toSpliced(2, 1))], 'webhook', { lost: 1, misnumbered: 1 })
    expectFindings([published(), log.toSpliced(3, 1)], 'log', { lost: 1 })
    expectFindings([published(), [log[0]!]], 'log', { lost: 6 })
  })

  test('lost: attempted, and never accepted', () => {
    const attempts = allAttempted.with(2, attempt(2, { status: 500 }))
    expectFindings([published(), log, webhook(attempts)], 'webhook', { lost: 1 })
  })

  test('lost: the answer names an offset at which the log has nothing of it', () => {
    const wrong = published().map((line) =>
      line.kind === 'acknowledged' ? { ...line, events: [{ id: 'id-0', offset: 'zz', duplicate: false }] } : line,
    )
    expectFindings([wrong, log], 'log', { lost: 1 })
  })

  test('reordered: within a connection, and over two', () => {
    const swapped = [0, 2, 1, 3, 4, 5].map(streamText)
    expectFindings([published(), log, stream(swapped)], 'stream', { reordered: 1 })
    const later = receivedBy('stream', [streamText(1)], 2)
    expectFindings([published(), log, stream(allStreamed.toSpliced(1, 1)), later], 'stream', { reordered: 1 })
    const repeated = receivedBy('stream', [streamText(5)], 1)
    expectFindings([published(), log, stream(allStreamed), repeated], 'stream', { reordered: 1, duplicated: 1 })
  })

  test('reordered: the log itself, against the publisher', () => {
    const stored = [0, 1, 3, 2, 4, 5].map((place) => nativeText(place))
    expectFindings([published(), [log[0]!], receivedBy('log', stored)], 'log', { reordered: 1 })
  })

  test.each([
    ['a digit', (text: string) => text.replace('567.89', '568')],
    ['a space', (text: string) => text.replace('{"total"', '{ "total"')],
    ['the order of keys', (text: string) => text.replace(/("type":"[^"]+"),("timestamp":"[^"]+")/, '$2,$1')],
    ['a field left out', (text: string) => text.replace(/,"data":.*$/, '}')],
    ['the id', (text: string) => text.replace('"id-2"', '"id-3"')],
  ])('altered: %s', (_, change) => {
    const changed = attempt(2, { text: change(nativeText(2, 3)) })
    expectFindings([published(), log, webhook(allAttempted.with(2, changed))], 'webhook', { altered: 1 })
  })

  test('altered: on the stream, and a signature that is wrong', () => {
    const changed = streamText(2).replace('.500+', '.5+')
    expectFindings([published(), log, stream(allStreamed.with(2, changed))], 'stream', { altered: 1 })
    const forged = attempt(2, { isGenuine: false })
    expectFindings([published(), log, webhook(allAttempted.with(2, forged))], 'webhook', { altered: 1 })
  })

  test('leaked: an event of a tenant that is not granted, whatever it says of itself', () => {
    const own = [0, 2, 4].map(streamText)
    expectFindings([published(), log, stream([...own, streamText(5)], [1])], 'stream', { leaked: 1 })
    const disguised = streamText(5).replace('"tenantId":2', '"tenantId":1')
    expectFindings([published(), log, stream([...own, disguised], [1])], 'stream', { leaked: 1, altered: 1 })
  })

  test('phantom: never sent, or not in the log', () => {
    const invented = streamText(5).replace('p-5', 'p-99')
    expectFindings([published(), log, stream([...allStreamed, invented])], 'stream', { phantom: 1 })
    expectFindings([published(), log, stream([...allStreamed, 'what'])], 'stream', { phantom: 1 })
    const elsewhere = expectedStream(events[5]!, 'zz')
    expectFindings([published(), log, stream([...allStreamed, elsewhere])], 'stream', { phantom: 1 })
  })

  test('phantom: an id of its own that is stored twice', () => {
    const copy = expectedNative(events[5]!, { offset: 'zz', id: 'id-5', sequence: null })
    expectFindings([published(), log, receivedBy('log', [copy])], 'log', { phantom: 1 })
  })

  test('misnumbered: another id or sequence on the second attempt, one for two events, a gap', () => {
    const refused = attempt(0, { status: 500, id: 'dlv_other' })
    expectFindings([published(), log, webhook([...allAttempted, refused])], 'webhook', { misnumbered: 1 })
    const renumbered = attempt(5, { sequence: 7 })
    expectFindings([published(), log, webhook([...allAttempted, renumbered])], 'webhook', {
      misnumbered: 1,
      duplicated: 1,
    })
    const shared = allAttempted.with(5, attempt(5, { id: 'dlv_4' }))
    expectFindings([published(), log, webhook(shared)], 'webhook', { misnumbered: 1 })
    const gap = allAttempted.with(5, attempt(5, { sequence: 8 }))
    expectFindings([published(), log, webhook(gap)], 'webhook', { misnumbered: 1 })
  })

  test('a run in which nobody read anything proves nothing', () => {
    expect(judge(published()).isSound).toBe(false)
    expect(judge([], [log[0]!]).isSound).toBe(false)
  })
})
