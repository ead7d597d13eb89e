import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterSkipped, isSkipped } from '../core/delivery/skipped-span.ts'
import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import { eventAt, pendingOf } from '../deliver/fixtures/pending.ts'
import { Lane } from '../deliver/queue/lane.ts'
import type { PendingDelivery } from '../deliver/queue/pending-delivery.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { Progress } from './progress.ts'
import type { Effect, Input } from './progress-state.ts'
import { Reader } from './reader.ts'
import { Tracker } from './tracker.ts'

const begin = { mode: 'shared', position: 0, sequence: 0, catchUp: null, skipped: [] } as const

function newReader(start: ConstructorParameters<typeof Progress>[0] = begin, known: readonly number[] = []) {
  const lane = new Lane(sampleSubscription('standard'), defaultWebhookPolicy)
  const reader = new Reader(lane, new Progress(start), known)
  const shared = new Tracker(0)
  /** Reads the events at these positions for one of the trackers. */
  const offer = (tracker: Tracker, ...positions: readonly number[]): PendingDelivery[] =>
    positions.map((position) => {
      const sequence = reader.progress.giveSequence(position)
      const delivery = pendingOf(eventAt(position), { sequence, whenSettled: reader })
      if (reader.needsAttempt(position, tracker)) {
        reader.open.add(delivery, tracker, tracker.open(position, 1))
        lane.push(delivery)
      } else tracker.read(position)
      return delivery
    })
  return { lane, reader, shared, offer }
}

describe('a reader', () => {
  it('moves what the shared loop tracks to a tracker of its own, which holds it back there', () => {
    const { reader, shared, offer } = newReader()
    const [first, second] = offer(shared, 10, 20)
    reader.progress.step({ kind: 'left', readTo: 25, latest: 25, nowMs: 0 })
    reader.detach(shared, 25)
    const own = reader.progress.own!
    expect([shared.watermark, own.watermark, own.readTo]).toEqual([20, 9, 25])
    reader.settled(first!)
    expect(own.watermark).toBe(19)
    reader.settled(second!)
    expect(own.watermark).toBe(25)
  })

  it('takes back what waits, and holds back again what is under way beyond it', () => {
    const { lane, reader, shared, offer } = newReader()
    lane.setGate({ mayBegin: ({ event }) => event.position !== 20, begun: () => {} })
    const [first, , third] = offer(shared, 10, 20, 30)
    lane.take()
    lane.take()
    reader.progress.step({ kind: 'paused', readTo: 30, nowMs: 0 })
    reader.detach(shared, 30)
    reader.takeBack()
    const own = reader.progress.own!
    expect([lane.queued, own.readTo, own.watermark]).toEqual([0, 19, 9])
    reader.settled(first!)
    expect([own.watermark, reader.isOpenAt(30)]).toEqual([19, true])
    const [again] = offer(own, 20, 30)
    expect([lane.queued, again!.sequence]).toEqual([1, 2])
    reader.settled(again!)
    expect(own.watermark).toBe(29)
    reader.settled(third!)
    expect([own.watermark, reader.isOpenAt(30), reader.progress.sequences.last]).toEqual([30, false, 3])
  })

  it('sends nothing again that is settled beyond what it took back', () => {
    const { lane, reader, shared, offer } = newReader()
    lane.setGate({ mayBegin: ({ event }) => event.position !== 10, begun: () => {} })
    const [, second, third] = offer(shared, 10, 20, 30)
    lane.take()
    lane.take()
    reader.settled(second!)
    reader.progress.step({ kind: 'paused', readTo: 30, nowMs: 0 })
    reader.detach(shared, 30)
    reader.takeBack()
    reader.settled(third!)
    const own = reader.progress.own!
    const [again] = offer(own, 10, 20, 30)
    expect(lane.queued).toBe(1)
    reader.settled(again!)
    expect(own.watermark).toBe(30)
    expect(reader.forgetKnown(29)).toBe(false)
    expect(reader.forgetKnown(30)).toBe(true)
  })

  it('leaves everything out: nothing waits and nothing holds a place back', () => {
    const { lane, reader, shared, offer } = newReader(begin, [40])
    offer(shared, 10, 20)
    lane.take()
    reader.leaveOut()
    expect([lane.queued, shared.watermark, shared.openCount]).toEqual([0, 20, 0])
    expect(reader.needsAttempt(40, shared)).toBe(true)
  })

  it('begins anew: what stands before the place goes on, what comes after it is given back', () => {
    const { lane, reader, shared, offer } = newReader()
    const [first, second] = offer(shared, 10, 20, 30, 40)
    lane.take()
    reader.progress.step({
      kind: 'restarted',
      beginning: { position: 25, reason: 'rewind', isPartial: false, skips: null },
      ...{ readTo: 40, settledTo: 9, keepsQueued: false, nowMs: 0 },
    })
    reader.beginAnew(25, 40)
    const own = reader.progress.own!
    expect([lane.queued, shared.openCount, own.readTo, own.watermark]).toEqual([1, 0, 25, 9])
    expect(reader.open.in(own)).toEqual([first, second])
    expect(offer(own, 30)[0]!.sequence).toBe(3)
  })
})

/**
 * The reader with its real lane, trackers, progress and sequences; the loops, what happens and when, are the model's.
 * The model knows what was settled, and what was sent under which number.
 */
describe('whatever happens to a reading, in whatever order', () => {
  const lanesRoom = 4
  const move = fc.record({
    kind: fc.constantFrom(
      ...(['append', 'append', 'shared reads', 'shared reads', 'shared reads', 'own reads', 'own reads'] as const),
      ...(['attempt', 'attempt', 'attempt', 'settle', 'settle', 'settle', 'own reads', 'drop'] as const),
      ...(['leave', 'pause', 'resume', 'cancel', 'switch', 'switch', 'rewind', 'rewind', 'write', 'crash'] as const),
    ),
    nth: fc.nat(7),
    flag: fc.boolean(),
  })

  it('no place passes an unsettled event, none is lost, and no two events are sent under one number', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 150, size: 'max' }), (moves) => {
        const world = new World()
        for (const { kind, nth, flag } of moves) {
          world.move(kind, nth, flag)
          world.check(kind)
        }
        world.finish()
      }),
      { numRuns: 500 },
    )
  })

  class World {
    #log: number[] = []
    #latest = 0
    #earliest = 0
    #stored: { row: Omit<SubscriptionProgress, 'subscription' | 'partition'>; watermark: number } = {
      row: begin,
      watermark: 0,
    }
    #isActive = true
    #isLoopRunning = false
    #shared = new Tracker(0)
    #reader = newReader().reader
    /** Under way, with the number of the rewind since which they count. */
    #underWay: { readonly deliveries: readonly PendingDelivery[]; readonly age: number }[] = []
    #age = 0
    #restartedAt = 0
    #numberedTo = 0
    /** Settled since it was due last. */
    readonly #done = new Set<number>()
    /** Attempted in this run since it was due last. */
    readonly #begun = new Set<number>()
    readonly #sentAs = new Map<number, number>()

    constructor() {
      this.#open(0)
    }

    #open(readBefore: number): void {
      const lane = new Lane(sampleSubscription('standard'), defaultWebhookPolicy)
      // One in three waits for something else, so that others overtake it.
      lane.setGate({ mayBegin: ({ event }) => event.position % 3 !== this.#blocked, begun: () => {} })
      this.#shared = new Tracker(this.#stored.watermark)
      this.#reader = new Reader(lane, new Progress(this.#stored.row, readBefore))
      this.#isLoopRunning = false
      this.#underWay = []
      this.#begun.clear()
      this.#tell({ kind: 'opened', isActive: this.#isActive, ...this.#where() })
    }

    #blocked = 0

    get #progress(): Progress {
      return this.#reader.progress
    }

    get #place(): number {
      return this.#progress.settledTo(this.#shared.watermark)
    }

    #where() {
      const readTo = this.#progress.readTo(this.#shared.readTo)
      return { readTo, settledTo: this.#place, latest: this.#latest, nowMs: 0 }
    }

    #tell(input: Input): void {
      const reader = this.#reader
      const does: { [Kind in Effect['kind']]: (effect: Extract<Effect, { kind: Kind }>) => void } = {
        detach: ({ readTo }) => reader.detach(this.#shared, readTo),
        start: () => {
          expect(this.#isLoopRunning).toBe(false)
          this.#isLoopRunning = true
        },
        stop: () => {
          this.#isLoopRunning = false
        },
        'take back': () => reader.takeBack(),
        'leave out': () => reader.leaveOut(),
        renumber: ({ position, readTo }) => reader.progress.sequences.restart(position, readTo),
        'begin anew': ({ position, readTo }) => reader.beginAnew(position, readTo),
        tell: () => {},
        write: () => {},
      }
      for (const effect of reader.progress.step(input)) (does[effect.kind] as (effect: Effect) => void)(effect)
    }

    move(kind: string, nth: number, flag: boolean): void {
      const where = this.#where()
      switch (kind) {
        case 'append':
          this.#latest += 1 + (nth % 3)
          this.#log.push(this.#latest)
          break
        case 'shared reads':
          this.#sharedReads()
          break
        case 'own reads':
          this.#ownReads()
          break
        case 'attempt':
          this.#blocked = nth % 4
          this.#attempt()
          break
        case 'settle':
          this.#settle(nth)
          break
        case 'drop':
          this.#drop(this.#log[nth] ?? 0)
          break
        case 'leave':
          this.#tell({ kind: 'left', ...where })
          break
        case 'pause':
          this.#tell({ kind: 'paused', ...where })
          break
        case 'resume':
          this.#tell({ kind: 'resumed', ...where })
          break
        case 'cancel':
          this.#tell({ kind: 'cancelled', ...where })
          // As a rewind: whoever asked for it gets its answer after this.
          this.#write()
          break
        case 'switch':
          this.#isActive = !this.#isActive
          this.#tell({ kind: this.#isActive ? 'enabled' : 'disabled', keepsQueued: flag, ...where })
          break
        case 'rewind':
          this.#restart(nth, flag)
          break
        case 'write':
          this.#write()
          break
        case 'crash':
          this.#open(this.#latest)
          break
      }
    }

    /** Invariant 4, and 2 with it: of what the place has passed, everything was settled or is noted as left out. */
    check(after: string): void {
      const isTold = (position: number) =>
        this.#progress.skipped.some(({ after, to }) => after < position && position <= to)
      for (const position of this.#log) {
        if (position > this.#place) break
        expect(this.#done.has(position) || isTold(position), `event ${position} after ${after}`).toBe(true)
      }
      expect(this.#isLoopRunning).toBe(this.#progress.state.kind === 'reading')
    }

    /** Let alone, it sends all that is left and takes part in the shared loop. */
    finish(): void {
      if (!this.#isActive) this.move('switch', 0, false)
      this.move('resume', 0, false)
      this.#blocked = 3
      const isDone = () => this.#progress.state.kind === 'shared' && this.#place === this.#latest
      for (let turn = 0; turn < 1_000 && !isDone(); turn++) {
        for (const kind of ['shared reads', 'own reads', 'attempt', 'settle']) {
          if (kind === 'attempt') this.#attempt()
          else this.move(kind, 0, false)
          this.check(kind)
        }
      }
      expect(isDone()).toBe(true)
    }

    #sharedReads(): void {
      const { readTo } = this.#shared
      const isTaking = () => this.#progress.sharedFrom !== null
      if (this.#earliest > readTo && isTaking()) {
        this.#tell({ kind: 'dropped', after: readTo, to: this.#earliest, nowMs: 0 })
      }
      const position = this.#log.find((other) => other > readTo)
      const from = this.#progress.sharedFrom
      const isDue = position !== undefined && from !== null && position > from
      const hasRoom = this.#reader.lane.queued < lanesRoom
      if (isDue && hasRoom) this.#offer(position, this.#shared)
      if (isDue && !hasRoom) this.#tell({ kind: 'left', ...this.#where(), readTo: position - 1 })
      this.#shared.read(position ?? this.#latest)
    }

    #ownReads(): void {
      const { own, skipped } = this.#progress
      if (!this.#isLoopRunning || !own || this.#reader.lane.queued >= lanesRoom) return
      own.read(afterSkipped(skipped, own.readTo))
      if (own.readTo >= this.#shared.readTo) {
        this.#tell({ kind: 'caught up', readTo: own.readTo, isSettled: own.openCount === 0 })
        return
      }
      const { readTo } = own
      if (this.#earliest > readTo) this.#tell({ kind: 'dropped', after: readTo, to: this.#earliest, nowMs: 0 })
      const position = this.#log.find((other) => other > readTo)
      const isDue = position !== undefined && !isSkipped(this.#progress.skipped, position)
      if (isDue) this.#offer(position, own)
      own.read(position ?? this.#latest)
    }

    /** Retention takes what is settled, and of a reading that fell behind what it has not read. */
    #drop(position: number): void {
      // Events that were numbered and are lost before they are sent would leave their numbers to others.
      const { row, watermark } = this.#stored
      const place = Math.min(this.#place, row.mode === 'own' ? row.position : Math.max(watermark, row.position))
      if (position > place && this.#numberedTo > place) return
      this.#earliest = Math.max(this.#earliest, position)
      this.#log = this.#log.filter((other) => other > this.#earliest)
    }

    #offer(position: number, tracker: Tracker): void {
      const reader = this.#reader
      this.#numberedTo = Math.max(this.#numberedTo, position)
      const sequence = reader.progress.giveSequence(position)
      if (!reader.needsAttempt(position, tracker)) return
      const delivery = pendingOf(eventAt(position), { sequence, whenSettled: reader })
      reader.open.add(delivery, tracker, tracker.open(position, 1))
      reader.lane.push(delivery)
    }

    #attempt(): void {
      const deliveries = this.#reader.lane.take()
      if (!deliveries) return
      this.#underWay.push({ deliveries, age: this.#age })
      for (const { event, sequence } of deliveries) {
        expect(this.#begun.has(event.position), `a second first attempt of ${event.position}`).toBe(false)
        this.#begun.add(event.position)
        const other = this.#sentAs.get(sequence!)
        expect(other ?? event.position, `number ${sequence} of two events`).toBe(event.position)
        this.#sentAs.set(sequence!, event.position)
      }
    }

    #settle(nth: number): void {
      const [ended] = this.#underWay.splice(nth % Math.max(1, this.#underWay.length), 1)
      if (!ended) return
      for (const delivery of ended.deliveries) {
        // What was begun before a rewind does not count for what the rewind brings back.
        const { position } = delivery.event
        if (ended.age === this.#age || position <= this.#restartedAt) this.#done.add(position)
        this.#reader.settled(delivery)
      }
      this.#reader.lane.release()
    }

    #restart(nth: number, flag: boolean): void {
      const where = this.#where()
      const isForward = !this.#isActive && flag
      const position = isForward ? this.#latest : Math.max(0, where.settledTo - nth)
      const skips = isForward ? 'enabled_from_now' : null
      this.#age += 1
      this.#restartedAt = position
      for (const some of [this.#done, this.#begun]) for (const one of some) if (one > position) some.delete(one)
      const beginning = { position, reason: 'rewind', isPartial: false, skips } as const
      this.#tell({ kind: 'restarted', beginning, keepsQueued: nth > 3, ...where })
      // A rewind that a crash comes before has not been: its caller got no answer.
      this.#write()
      this.#tell({ kind: 'durable', ...this.#where() })
    }

    #write(): void {
      const row = this.#progress.changedRow(1, 0, this.#shared.watermark) ?? this.#stored.row
      this.#stored = { row, watermark: this.#shared.watermark }
    }
  }
})
