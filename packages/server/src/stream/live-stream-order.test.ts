import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewEvent } from '../core/event/event.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { positionsOf } from '../engines/conformance/log-calls.ts'
import { open, type ScriptedSink, settle, showing, thing, world } from './fixtures/live-stream.ts'
import type { Following } from './live-stream.ts'

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
  /** What was shown when each event came. */
  readonly shownThen: (readonly TenantId[])[]
}

async function play(holeBefore: (position: number) => number, steps: readonly Step[], dice: IterableIterator<number>) {
  const at = world({ holeBefore })
  const roll = (sides: number) => (dice.next().value ?? 0) % sides
  const place = (share: number) => Math.floor(share * at.log.bounds(0).latest)
  const published = new Map<number, NewEvent>()
  const opened: Opened[] = []
  for (const step of steps) {
    const connection = 'at' in step ? opened[step.at % Math.max(1, opened.length)] : undefined
    switch (step.kind) {
      case 'publish': {
        const events = Array.from({ length: step.count }, () =>
          thing(topics[roll(3)]!, tenants[roll(3)]!, roll(5) === 0 ? 'thing.hidden' : 'thing.changed'),
        )
        for (const [index, position] of (await positionsOf(at.log, events)).entries()) {
          published.set(position, events[index]!)
        }
        break
      }
      case 'open': {
        const starts = new Map(Object.entries(step.starts).map(([topic, share]) => [topic, place(share)]))
        const { sink, following } = open(at.stream, { topics: Object.fromEntries(starts), tenants: step.tenants })
        const connection: Opened = { sink, following, starts, now: step.tenants, always: step.tenants, shownThen: [] }
        sink.onText = () => connection.shownThen.push(connection.now)
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

function check({ sink, starts, now, always, shownThen }: Opened, published: ReadonlyMap<number, NewEvent>) {
  const foreign = sink.received.filter((text, index) => {
    const { tenantId } = published.get(Number(text.split('@')[1]))!
    return !shownThen[index]!.includes(tenantId)
  })
  expect(foreign).toEqual([])
  expect(sink.error).toBeUndefined()
  for (const topic of topics) {
    const start = starts.get(topic) ?? Number.POSITIVE_INFINITY
    const received = sink.received.filter((text) => text.startsWith(`${topic}@`)).map((text) => Number(text.slice(2)))
    expect(received).toEqual([...new Set(received)].sort((a, b) => a - b))
    const positions = [...published].flatMap(([position, event]) => {
      const isOurs = event.topic === topic && position > start && event.type !== 'thing.hidden'
      return isOurs && always.includes(event.tenantId) ? [position] : []
    })
    const ofAlways = received.filter((position) => always.includes(published.get(position)!.tenantId))
    expect(ofAlways).toEqual(positions)
    expect(now).toEqual(expect.arrayContaining([...always]))
  }
}

describe('in any order of publishing, replaying, slowing down, catching up and changing what is shown', () => {
  it.each([
    ['where every position has an event', () => 0],
    ['where positions are left out', (position: number) => (position % 5) * 3],
  ])(
    'each connection gets exactly its events, in the order of each topic, %s',
    { timeout: 60_000 },
    async (_, holes) => {
      const steps = fc.array(step, { minLength: 20, maxLength: 80, size: 'max' })
      const property = fc.asyncProperty(steps, fc.infiniteStream(fc.nat()), (some, dice) => play(holes, some, dice))
      await fc.assert(property, { numRuns: 200 })
    },
  )
})
