import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog, type MemoryLogOptions } from '../engines/memory/log.ts'
import { type Course, type FollowedSlice, FollowLoop, type FollowLoopDeps, type NextStep } from './follow-loop.ts'

/** A loop over a log whose reads, failures and wake-ups are the test's. */
function follow(
  some: { readonly course?: Partial<Course>; readonly log?: MemoryLogOptions; readonly fatal?: true } = {},
) {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock, ...some.log })
  const slices: FollowedSlice[] = []
  const failures: unknown[] = []
  const state = { place: 0, reads: 0, listeners: 0, refusal: null as Error | null, isDeaf: false }
  /** What happens in the middle of the next reads, in their order. */
  const meanwhile: (() => Promise<unknown>)[] = []
  const watched: FollowLoopDeps['log'] = {
    async read(request) {
      state.reads += 1
      if (state.refusal) throw state.refusal
      const slice = await log.read(request)
      await meanwhile.shift()?.()
      return slice
    },
    bounds: (partition) => log.bounds(partition),
    onAppended(wake) {
      state.listeners += 1
      const stop = log.onAppended(() => state.isDeaf || wake())
      return () => {
        state.listeners -= 1
        stop()
      }
    },
  }
  const reading: NextStep & { kind: 'read' } = { kind: 'read', after: 0, maxBytes: 1_000_000, maxEvents: 2 }
  const loop = new FollowLoop(
    { log: watched, clock, partition: 0, onFailure: some.fatal ? null : (error) => failures.push(error) },
    {
      next: () => ({ ...reading, after: state.place }),
      take: (slice) => {
        slices.push(slice)
        state.place = slice.next
      },
      ...some.course,
    },
  )
  let end: 'running' | 'ended' = 'running'
  const run = () =>
    loop.run().finally(() => {
      end = 'ended'
    })
  const append = (...ids: string[]) => log.append(ids.map((id) => newEvent({ id, entityKey: id })))
  return {
    ...{ clock, log, loop, slices, failures, state, meanwhile, reading, append, run },
    /** Lets everything happen that needs no time. */
    rest: () => clock.advance(0),
    seen: () => slices.flatMap(({ events }) => events.map(({ entityKey }) => entityKey)),
    hasEnded: () => end === 'ended',
  }
}

test('reads what is there, slice by slice, then what comes, and nothing while nothing comes', async () => {
  const { append, run, rest, seen, slices, state, loop } = follow()
  await append('a', 'b', 'c')
  const running = run()
  await rest()
  expect(seen()).toEqual(['a', 'b', 'c'])
  expect(slices.map(({ after, next }) => [after, next])).toEqual([
    [0, 2],
    [2, 3],
  ])
  await append('d')
  await rest()
  expect(seen()).toEqual(['a', 'b', 'c', 'd'])
  expect(state.reads).toBe(3)
  loop.stop()
  await running
})

test('what is appended while it reads is read without another wake-up', async () => {
  const { append, run, rest, seen, meanwhile } = follow()
  await append('a')
  meanwhile.push(() => append('b'))
  void run()
  await rest()
  expect(seen()).toEqual(['a', 'b'])
})

test('a wake-up that is lost is made good by the next, and one too many reads nothing', async () => {
  const { append, run, rest, seen, state, loop } = follow()
  void run()
  await rest()
  state.isDeaf = true
  await append('a')
  await rest()
  expect(seen()).toEqual([])
  loop.wake()
  await rest()
  expect(seen()).toEqual(['a'])
  const { reads } = state
  loop.wake()
  loop.wake()
  await rest()
  loop.wake()
  await rest()
  expect(state.reads).toBe(reads)
})

test('a read that fails is tried again after a second, from the same place', async () => {
  const { append, run, clock, rest, seen, state, failures } = follow()
  await append('a', 'b', 'c')
  const refusal = new Error('the disk does not answer')
  state.refusal = refusal
  void run()
  await rest()
  await clock.advance(999)
  expect(state.reads).toBe(1)
  await clock.advance(1_001)
  expect(failures).toEqual([refusal, refusal, refusal])
  state.refusal = null
  await clock.advance(1_000)
  expect(seen()).toEqual(['a', 'b', 'c'])
})

test('what the taking fails with is tried again too, from where it has come to', async () => {
  const { append, run, clock, rest, failures, state } = follow({
    course: {
      take: ({ events }) => {
        state.place = events[0]!.position
        if (events.length > 1) throw new Error('half of it is taken')
      },
    },
  })
  await append('a', 'b')
  void run()
  await rest()
  expect([state.place, failures.length]).toEqual([1, 1])
  await clock.advance(1_000)
  expect([state.place, failures.length]).toEqual([2, 1])
})

test('where nobody is told of failures, it ends with the first and listens no more', async () => {
  const { run, append, state } = follow({ fatal: true })
  await append('a')
  state.refusal = new Error('the disk does not answer')
  await expect(run()).rejects.toBe(state.refusal)
  expect(state.listeners).toBe(0)
})

test.each<[string, Partial<Course>]>([
  ['it waits for an append', {}],
  ['it waits for a while', { atEnd: () => ({ kind: 'wait', mostMs: 60_000 }) }],
  ['it is held back', { next: () => ({ kind: 'hold', until: new Promise(() => {}) }) }],
  ['it pauses', { next: () => ({ kind: 'pause', ms: 60_000 }) }],
])('stopped while %s, it ends at once and leaves nothing behind', async (_, course) => {
  const { run, rest, loop, state, clock } = follow({ course })
  const running = run()
  await rest()
  loop.stop()
  await running
  expect(state.listeners).toBe(0)
  expect(clock.nextDueMs()).toBeUndefined()
})

test('stopped before a retry, it does not wait for it', async () => {
  const { run, rest, append, loop, state, clock } = follow()
  await append('a')
  state.refusal = new Error('the disk does not answer')
  const running = run()
  await rest()
  loop.stop()
  await running
  expect(clock.nextDueMs()).toBeUndefined()
})

test('stopped while it reads, it takes nothing, and says nothing of a read that failed', async () => {
  for (const fails of [false, true]) {
    const { run, append, loop, slices, failures, meanwhile, hasEnded } = follow()
    await append('a')
    meanwhile.push(async () => {
      loop.stop()
      if (fails) throw new Error('closed meanwhile')
    })
    await run()
    expect([slices, failures, hasEnded()]).toEqual([[], [], true])
  }
})

test('stopped before it runs, it reads nothing', async () => {
  const { run, append, loop, state } = follow()
  await append('a')
  loop.stop()
  await run()
  expect([state.reads, state.listeners]).toEqual([0, 0])
})

test('held back, it reads nothing however much is appended, and goes on when the promise has settled', async () => {
  const full = Promise.withResolvers<void>()
  let isFull = true
  let asked = 0
  const { append, run, rest, seen, state, reading } = follow({
    course: {
      next: () => {
        asked += 1
        return isFull ? { kind: 'hold', until: full.promise } : { ...reading, after: state.place }
      },
    },
  })
  void run()
  await append('a')
  await rest()
  await append('b')
  await rest()
  expect([state.reads, asked]).toEqual([0, 1])
  isFull = false
  full.reject(new Error('not room, but an end'))
  await rest()
  expect(seen()).toEqual(['a', 'b'])
})

test('a pause lasts its time, whatever is appended meanwhile', async () => {
  let paused = 0
  const { append, run, clock, rest, seen, state, reading, loop } = follow({
    course: {
      next: () => (paused++ === 0 ? { kind: 'pause', ms: 5 } : { ...reading, after: state.place }),
    },
  })
  void run()
  await append('a')
  loop.wake()
  await clock.advance(4)
  expect([seen(), paused]).toEqual([[], 1])
  await clock.advance(1)
  await rest()
  expect(seen()).toEqual(['a'])
})

test('at the end it waits as long as its user says, or ends', async () => {
  let ends = 0
  const { run, clock, rest, hasEnded, append } = follow({
    course: { atEnd: () => (++ends === 3 ? { kind: 'end' } : { kind: 'wait', mostMs: 2_000 }) },
  })
  void run()
  await rest()
  await clock.advance(1_999)
  expect(ends).toBe(1)
  await clock.advance(1)
  expect(ends).toBe(2)
  await append('a')
  await rest()
  expect([ends, hasEnded(), clock.nextDueMs()]).toEqual([3, true, undefined])
})

test('what retention dropped before it was read is told with the slice that passed it, and only that', async () => {
  const { append, log, run, rest, clock, slices } = follow({ log: { holeBefore: () => 2 } })
  await append('a', 'b')
  await clock.advance(10_000)
  await log.dropBefore(clock.now())
  await append('c')
  void run()
  await rest()
  await append('d')
  await rest()
  expect(slices.map(({ after, droppedTo, next }) => ({ after, droppedTo, next }))).toEqual([
    { after: 0, droppedTo: 6, next: 9 },
    { after: 9, droppedTo: 9, next: 12 },
  ])
})

test('others get a turn between two slices of a backlog', async () => {
  const { append, run, slices, log } = follow()
  await append('a', 'b', 'c', 'd', 'e', 'f')
  const turns: number[] = []
  const running = run()
  while (slices.at(-1)?.next !== log.bounds(0).latest) {
    turns.push(slices.length)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  expect(turns).toEqual([0, 1, 2])
  expect(await Promise.race([running, 'running'])).toBe('running')
})

test('a log that shows less than it counts is waited for, and not asked in circles', async () => {
  const { run, rest, append, state, log, meanwhile } = follow()
  await append('a')
  const read = log.read.bind(log)
  log.read = async (request) => ({ ...(await read(request)), events: [], next: request.after })
  void run()
  await rest()
  await rest()
  expect(state.reads).toBe(1)
  log.read = read
  await append('b')
  await rest()
  expect([state.place, meanwhile]).toEqual([2, []])
})

test('whatever holes the positions have and whenever appends come, every event is taken once, in order', async () => {
  const happening = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), events: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('append while it reads' as const), events: fc.integer({ min: 1, max: 3 }) }),
    fc.constant({ kind: 'wake' as const }),
    fc.constant({ kind: 'turn' as const }),
    fc.record({ kind: fc.constant('failures' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 25, size: 'max' }),
      fc.array(fc.nat(7), { minLength: 1 }),
      async (all, holes) => {
        let hole = 0
        const it = follow({ log: { holeBefore: () => holes[hole++ % holes.length]! } })
        let made = 0
        const append = (count: number) => it.append(...Array.from({ length: count }, () => String(made++)))
        const running = it.run()
        for (const one of all) {
          if (one.kind === 'append') await append(one.events)
          else if (one.kind === 'append while it reads') it.meanwhile.push(() => append(one.events))
          else if (one.kind === 'wake') it.loop.wake()
          else if (one.kind === 'turn') await it.rest()
          else {
            it.state.refusal = new Error('the disk does not answer')
            await it.clock.advance(one.ms)
            it.state.refusal = null
          }
        }
        await it.clock.advance(1_000)
        for (let last = -1; last !== it.slices.length; await it.rest()) last = it.slices.length
        expect(it.seen()).toEqual(Array.from({ length: made }, (_, index) => String(index)))
        const { latest } = it.log.bounds(0)
        expect(it.slices.at(-1)?.next ?? 0).toBe(latest)
        it.loop.stop()
        await running
      },
    ),
    { numRuns: 200 },
  )
})
