import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../core/clock.ts'
import type { NewEvent } from '../core/event.ts'
import type { TenantId } from '../core/tenant-id.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import type { StreamEncoding, StreamSink } from './encoding.ts'
import { type Following, LiveStream } from './live-stream.ts'
import { everyType, type VisibleTypes, viewOf } from './view.ts'

const maxBufferedBytes = 60

/** Shows `<topic>@<position>`, so that what arrived can be read back. */
const plain: StreamEncoding = {
  name: 'plain',
  encode: (event) => (event.type === 'thing.hidden' ? undefined : Buffer.from(`${event.topic}@${event.position}\n`)),
}

/** A connection whose peer reads everything, or nothing until it is drained. */
class ScriptedSink implements StreamSink {
  isSlow = false
  bufferedBytes = 0
  mostBuffered = 0
  error: unknown
  received: string[] = []
  onText: (text: string) => void = () => {}
  #resumes: (() => void)[] = []

  write(bytes: Buffer): boolean {
    const texts = bytes.toString().trimEnd().split('\n')
    texts.forEach(this.onText)
    this.received.push(...texts)
    if (!this.isSlow) return true
    this.bufferedBytes += bytes.length
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedBytes)
    return false
  }

  onDrain(resume: () => void): void {
    this.#resumes.push(resume)
  }

  drain(): void {
    this.bufferedBytes = 0
    for (const resume of this.#resumes) resume()
  }

  fail(error: unknown): void {
    this.error = error
  }
}

// Long texts, so that a slice of the log holds a few events only.
const longText = 'x'.repeat(20_000)
let made = 0
function thing(topic: string, tenantId: number, type = 'thing.changed'): NewEvent {
  made += 1
  return {
    topic,
    tenantId,
    type,
    entityKey: '1',
    isQuiet: false,
    id: `${made}`,
    fingerprint: undefined,
    head: longText,
    tail: '',
  }
}

function world() {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock, epoch: 7 })
  const stream = new LiveStream({ log, clock, maxBufferedBytes, nearEvents: 10 })
  return { clock, log, stream }
}

function showing(...tenantIds: TenantId[]) {
  return viewOf(new Map(tenantIds.map((id): [TenantId, VisibleTypes] => [id, everyType])))
}

/** Until nothing moves any more. */
async function settle({ clock }: { clock: ManualClock }, turns = 60) {
  for (let turn = 0; turn < turns; turn++) await clock.advance(5)
}

function open(stream: LiveStream, options: { topics: Record<string, number>; tenants: TenantId[] }) {
  const sink = new ScriptedSink()
  const following = stream.follow(sink, plain)
  following.show(showing(...options.tenants))
  for (const [topic, position] of Object.entries(options.topics)) following.add(topic, position)
  following.start()
  return { sink, following }
}

describe('the live stream', () => {
  it('shows what is appended after the start, and only the topics and tenants asked for', async () => {
    const at = world()
    await at.log.append([thing('a', 1)])
    const { sink } = open(at.stream, { topics: { a: 1 }, tenants: [1] })
    await settle(at)
    await at.log.append([thing('a', 1), thing('b', 1), thing('a', 2), thing('a', 1, 'thing.hidden'), thing('a', 1)])
    await settle(at)
    expect(sink.received).toEqual(['a@2', 'a@6'])
  })

  it('shows nothing before it is started', async () => {
    const at = world()
    const sink = new ScriptedSink()
    const following = at.stream.follow(sink, plain)
    following.show(showing(1))
    following.add('a', 0)
    await at.log.append([thing('a', 1)])
    await settle(at)
    expect(sink.received).toEqual([])
    following.start()
    await settle(at)
    expect(sink.received).toEqual(['a@1'])
  })

  it('goes on at once when the clock is set back', async () => {
    const at = world()
    const { sink } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    await at.log.append([thing('a', 1)])
    await settle(at)
    at.clock.setBack(3_600_000)
    await at.log.append([thing('a', 1)])
    await settle(at)
    expect(sink.received).toEqual(['a@1', 'a@2'])
  })

  it('gathers what comes within 5 ms into one write', async () => {
    const at = world()
    const { sink } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    let writes = 0
    const write = sink.write.bind(sink)
    sink.write = (bytes) => {
      writes += 1
      return write(bytes)
    }
    await at.log.append([thing('a', 1)])
    await at.clock.advance(1)
    for (let i = 0; i < 5; i++) await at.log.append([thing('a', 1)])
    await at.clock.advance(10)
    expect(sink.received).toHaveLength(6)
    expect(writes).toBe(2)
  })

  it('gives connections that see the same the same buffer, and encodes once', async () => {
    const at = world()
    let encoded = 0
    const counting: StreamEncoding = {
      name: 'counting',
      encode: (event, offset) => {
        encoded += 1
        return plain.encode(event, offset)
      },
    }
    const buffers: Buffer[] = []
    for (const tenants of [[1, 2], [2, 1], [1]]) {
      const sink = new ScriptedSink()
      sink.write = (bytes) => buffers.push(bytes) > 0
      const following = at.stream.follow(sink, counting)
      following.show(showing(...tenants))
      following.add('a', 0)
      following.start()
    }
    await settle(at)
    await at.log.append([thing('a', 1), thing('a', 1)])
    await settle(at)
    expect(buffers).toHaveLength(3)
    expect(new Set(buffers).size).toBe(2)
    expect(encoded).toBe(2)
  })

  it('serves a connection that does not read from the log, holding no more than its cap, and others do not notice', async () => {
    const at = world()
    const slow = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    const fast = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    slow.sink.isSlow = true
    for (let i = 0; i < 200; i++) {
      await at.log.append([thing('a', 1)])
      await at.clock.advance(5)
    }
    expect(fast.sink.received).toHaveLength(200)
    expect(slow.sink.received.length).toBeLessThan(40)
    expect(slow.sink.mostBuffered).toBeLessThanOrEqual(maxBufferedBytes)
    expect(at.stream.stats().listeners).toBe(1)
    slow.sink.isSlow = false
    slow.sink.drain()
    await settle(at)
    expect(slow.sink.received).toEqual(fast.sink.received)
    expect(at.stream.stats().listeners).toBe(2)
  })

  it('ends the connections that are behind when the log cannot be read', async () => {
    const at = world()
    for (let i = 0; i < 11; i++) await at.log.append([thing('a', 1)])
    const { sink } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await at.log.close()
    await settle(at)
    expect(sink.error).toMatchObject({ code: 'shutting_down' })
  })

  it('lets go of a connection that stops', async () => {
    const at = world()
    const { sink, following } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    following.stop()
    await at.log.append([thing('a', 1)])
    await settle(at)
    expect(sink.received).toEqual([])
    expect(at.stream.stats().listeners).toBe(0)
  })

  it('hands out what was durable before it says that it is settled', async () => {
    const at = world()
    const { sink, following } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    await at.log.append([thing('a', 1)])
    await at.clock.advance(0)
    await at.log.append([thing('a', 2)])
    const settled = following.settled().then(() => following.show(showing(1, 2)))
    await settle(at)
    await settled
    await at.log.append([thing('a', 2)])
    await settle(at)
    expect(sink.received).toEqual(['a@1', 'a@3'])
  })
})

const topics = ['a', 'b', 'c']
const tenants = [1, 2, 3]
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      starts: fc.dictionary(fc.constantFrom(...topics), fc.double({ min: 0, max: 1, noNaN: true }), { minKeys: 1 }),
      tenants: fc.subarray(tenants, { minLength: 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      at: fc.nat(),
      topic: fc.constantFrom(...topics),
      start: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('slow' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fast' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const), at: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('show' as const), at: fc.nat(), tenants: fc.subarray(tenants) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20 }) }) },
)

interface Opened {
  readonly sink: ScriptedSink
  readonly following: Following
  readonly starts: Map<string, number>
  /** Shown now, and shown all the time. */
  now: readonly TenantId[]
  always: readonly TenantId[]
  /** Events that came while their tenant was not shown. */
  readonly foreign: string[]
}

describe('in any order of publishing, replaying, slowing down, catching up and changing what is shown', () => {
  it('each connection gets exactly its events, in the order of each topic', { timeout: 60_000 }, async () => {
    const steps = fc.array(step, { minLength: 20, maxLength: 80, size: 'max' })
    await fc.assert(fc.asyncProperty(steps, fc.infiniteStream(fc.nat()), play), { numRuns: 200 })
  })
})

async function play(steps: readonly Step[], dice: IterableIterator<number>) {
  const at = world()
  const roll = (sides: number) => (dice.next().value ?? 0) % sides
  const place = (share: number) => Math.floor(share * at.log.bounds(0).latest)
  const published: NewEvent[] = []
  const opened: Opened[] = []
  for (const step of steps) {
    const connection = 'at' in step ? opened[step.at % Math.max(1, opened.length)] : undefined
    switch (step.kind) {
      case 'publish': {
        const events = Array.from({ length: step.count }, () =>
          thing(topics[roll(3)]!, tenants[roll(3)]!, roll(5) === 0 ? 'thing.hidden' : 'thing.changed'),
        )
        published.push(...events)
        await at.log.append(events)
        break
      }
      case 'open': {
        const starts = new Map(Object.entries(step.starts).map(([topic, share]) => [topic, place(share)]))
        const { sink, following } = open(at.stream, { topics: Object.fromEntries(starts), tenants: step.tenants })
        const connection: Opened = { sink, following, starts, now: step.tenants, always: step.tenants, foreign: [] }
        sink.onText = (text) => {
          const { tenantId } = published[Number(text.split('@')[1]) - 1]!
          if (!connection.now.includes(tenantId)) connection.foreign.push(text)
        }
        opened.push(connection)
        break
      }
      case 'add':
        if (!connection || connection.starts.has(step.topic)) break
        connection.starts.set(step.topic, place(step.start))
        connection.following.add(step.topic, place(step.start))
        break
      case 'show':
        if (!connection) break
        connection.now = step.tenants
        connection.always = connection.always.filter((tenantId) =>
          (step.tenants as readonly TenantId[]).includes(tenantId),
        )
        connection.following.show(showing(...step.tenants))
        break
      case 'slow':
        if (connection) connection.sink.isSlow = true
        break
      case 'drain':
        connection?.sink.drain()
        break
      case 'fast':
        if (connection) connection.sink.isSlow = false
        connection?.sink.drain()
        break
      case 'stop':
        if (!connection) break
        connection.following.stop()
        opened.splice(opened.indexOf(connection), 1)
        break
      case 'wait':
        await at.clock.advance(step.ms)
        break
      default:
        step satisfies never
    }
  }
  for (const { sink } of opened) {
    sink.isSlow = false
    sink.drain()
  }
  await settle(at)
  for (const connection of opened) check(connection, published)
}

function check({ sink, starts, now, always, foreign }: Opened, published: readonly NewEvent[]) {
  expect(foreign).toEqual([])
  expect(sink.error).toBeUndefined()
  for (const topic of topics) {
    const start = starts.get(topic) ?? Number.POSITIVE_INFINITY
    const received = sink.received.filter((text) => text.startsWith(`${topic}@`)).map((text) => Number(text.slice(2)))
    expect(received).toEqual([...new Set(received)].sort((a, b) => a - b))
    const positions = published.flatMap((event, index) => {
      const isOurs = event.topic === topic && index + 1 > start && event.type !== 'thing.hidden'
      return isOurs && always.includes(event.tenantId) ? [index + 1] : []
    })
    const ofAlways = received.filter((position) => always.includes(published[position - 1]!.tenantId))
    expect(ofAlways).toEqual(positions)
    expect(now).toEqual(expect.arrayContaining([...always]))
  }
}
