import type { CatchUpReason } from '../core/delivery/catch-up.ts'
import type { Pace } from '../core/delivery/pace.ts'
import type { SkipReason } from '../core/delivery/skipped-span.ts'
import type { PendingDelivery } from '../deliver/queue/pending-delivery.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'
import { OwnLoop, type OwnLoopDeps } from './own-loop.ts'
import type { Reader } from './reader.ts'
import type { Tracker } from './tracker.ts'

/** Events that make a catching-up worth telling of; busy subscriptions leave and join the shared loop all the time. */
const farBehind = 100

export interface ReadersDeps extends Omit<OwnLoopDeps, 'shared'> {
  readonly settling: Pick<SettlingStore, 'reopen'>
  /** That of the shared loop. */
  readonly shared: Tracker
  /** Its own loop has read as far as the shared one. */
  readonly caughtUp: (reader: Reader) => void
}

/** Where reading begins anew, and why. */
export interface NewBeginning {
  readonly position: number
  readonly reason: CatchUpReason
  /** Some topics alone are read again. */
  readonly isPartial: boolean
  /** The record of the events that it skips; null: it skips none. */
  readonly skips: SkipReason | null
}

/** Who reads for each lane: the shared loop, a loop of its own, or nobody while it is paused or disabled. */
export class Readers {
  readonly #deps: ReadersDeps
  readonly #loops = new Map<Reader, OwnLoop>()

  constructor(deps: ReadersDeps) {
    this.#deps = deps
  }

  /** How fast its own loop goes on; null: none is running. */
  paceOf(reader: Reader): Pace | null {
    return this.#loops.get(reader)?.pace() ?? null
  }

  /** Goes on as the last run of the server left it. */
  goOn(reader: Reader): void {
    if (reader.progress.mode !== 'own') return
    if (reader.progress.catchUp === null) this.begin(reader, 'behind')
    else this.#read(reader)
  }

  /** Begins to catch up from where it stands, if anybody has to. */
  begin(reader: Reader, reason: CatchUpReason): void {
    if (reader.progress.mode !== 'own') return
    this.#note(reader, reason)
    this.#read(reader)
  }

  /** Takes it out of the shared loop, which has offered it everything up to `readTo`. */
  leave(reader: Reader, readTo: number): void {
    this.#takeOut(reader, readTo)
    if (reader.isActive) this.begin(reader, 'behind')
  }

  /** It was disabled: stops reading and takes back what no attempt was begun for. */
  halt(reader: Reader): void {
    if (reader.progress.mode === 'shared') this.#takeOut(reader, this.#deps.shared.readTo)
    this.#stopLoop(reader)
    reader.progress.catchUp = null
    // Else what it was given before goes on, first attempts too: they would be missed by an enabling from now.
    if (!reader.lane.policy.retriesWhileDisabled) this.#takeBack(reader)
    this.#deps.settlements.touch()
  }

  /** Resolves when the pause is durable; what waits for a retry goes on. One that keeps up falls behind from now on. */
  async pause(reader: Reader): Promise<void> {
    const { progress } = reader
    if (progress.mode === 'shared') {
      this.#takeOut(reader, this.#deps.shared.readTo)
      this.#note(reader, 'behind')
    }
    if (progress.catchUp && !progress.isPaused) {
      progress.catchUp = { ...progress.catchUp, pausedAtMs: this.#deps.clock.now() }
      this.#stopLoop(reader)
      this.#takeBack(reader)
    }
    await this.#written()
  }

  async resume(reader: Reader): Promise<void> {
    const { progress } = reader
    if (progress.catchUp && progress.isPaused) {
      progress.catchUp = { ...progress.catchUp, pausedAtMs: null }
      this.#read(reader)
    }
    await this.#written()
  }

  /** Skips everything that a catch-up has not settled, and joins the shared reading from now on. */
  async cancel(reader: Reader): Promise<void> {
    const { progress } = reader
    if (progress.mode !== 'own' || !progress.catchUp) return
    this.#stopLoop(reader)
    const { latest } = this.#deps.log.bounds(this.#deps.partition)
    const readTo = progress.own?.readTo ?? latest
    this.#leaveOut(reader, latest, 'catch_up_cancelled')
    progress.restart(latest, false, readTo)
    progress.join(latest)
    await this.#written()
  }

  /** Begins anew, once that is durable; attempts under way end as they end. */
  async restart(reader: Reader, { position, reason, isPartial, skips }: NewBeginning): Promise<void> {
    this.#stopLoop(reader)
    const { lane, progress, isActive } = reader
    const goesOn = lane.policy.retriesWhileDisabled && !isActive
    const readTo = progress.own?.readTo ?? position
    const atMs = this.#deps.clock.now()
    if (progress.mode === 'own' && readTo < position && skips !== null) {
      if (goesOn) progress.skip({ after: readTo, to: position, reason: skips, atMs, isReadAgain: false })
      else this.#leaveOut(reader, position, skips)
    }
    // What is queued from before that place is not read again: it goes on.
    const dropped = lane.takeQueued(({ event }) => event.position > position)
    for (const delivery of dropped) reader.settled(delivery)
    progress.giveBack(dropped)
    reader.known.clear()
    const hasRead = progress.mode === 'own' && progress.own ? progress.own.readTo : this.#deps.shared.readTo
    const tracker = progress.restart(position, isPartial, hasRead)
    progress.catchUp = isActive ? { reason, sinceMs: atMs, from: position, pausedAtMs: null } : null
    carryOver(reader, tracker, position)
    try {
      await this.#written()
      // Deliveries that had ended are attempted again; rows of the replay itself come after this.
      const { partition } = this.#deps
      await this.#deps.settling.reopen({ subscription: reader.number, partition, after: position })
    } finally {
      // A disk that refuses now must not leave it without anybody who reads for it: the place is written later.
      const isCurrent = progress.own === tracker && progress.mode === 'own' && !lane.isClosed
      if (isCurrent && reader.isActive) this.#read(reader)
    }
  }

  remove(reader: Reader): void {
    this.#loops.get(reader)?.stop()
  }

  stop(): void {
    for (const loop of this.#loops.values()) loop.stop()
  }

  /**
   * Everything that is not settled yet. An attempt under way ends as it ends, but nothing is read
   * again for it after a crash: the sequences of what follows could not be the same.
   */
  #leaveOut(reader: Reader, position: number, reason: SkipReason): void {
    const { progress } = reader
    const after = progress.own?.watermark ?? position
    progress.skip({ after, to: position, reason, atMs: this.#deps.clock.now(), isReadAgain: false })
    reader.lane.dropFresh()
    reader.settleAll()
    reader.known.clear()
  }

  #takeOut(reader: Reader, readTo: number): void {
    const own = reader.progress.leave(readTo)
    const { shared } = this.#deps
    reader.moveTo(own, reader.openIn(shared))
    this.#deps.settlements.touch()
  }

  #note({ progress }: Reader, reason: CatchUpReason): void {
    if (!progress.own) return
    progress.catchUp = { reason, sinceMs: this.#deps.clock.now(), from: progress.own.readTo, pausedAtMs: null }
  }

  async #written(): Promise<void> {
    this.#deps.settlements.touch()
    await this.#deps.settlements.durable()
  }

  #stopLoop(reader: Reader): void {
    this.#loops.get(reader)?.stop()
    this.#loops.delete(reader)
  }

  /** Events without an attempt are read again later. This costs one position, not a row for each event. */
  #takeBack(reader: Reader): void {
    const dropped = reader.lane.dropFresh()
    const first = dropped.reduce<PendingDelivery | undefined>(
      (lowest, delivery) => (lowest && lowest.event.position < delivery.event.position ? lowest : delivery),
      undefined,
    )
    if (!first) return
    reader.progress.giveBack(dropped)
    const resumeAfter = first.event.position - 1
    reader.drop(dropped)
    // Deliveries that are settled beyond the place to resume at are read again, but not sent again.
    const unsettled = new Set([...dropped, ...reader.open()].map(({ event }) => event.position))
    for (const position of reader.progress.givenAfter(resumeAfter)) {
      if (!unsettled.has(position)) reader.known.add(position)
    }
    const tracker = reader.progress.resumeAt(resumeAfter, (first.sequence ?? 1) - 1)
    for (const delivery of carryOver(reader, tracker, resumeAfter)) reader.known.add(delivery.event.position)
  }

  #read(reader: Reader): void {
    const { own, isPaused } = reader.progress
    if (!own || isPaused || this.#loops.has(reader)) return
    const loop = new OwnLoop(this.#deps, reader, own)
    this.#loops.set(reader, loop)
    const isFarBehind = this.#deps.log.bounds(this.#deps.partition).latest - own.readTo >= farBehind
    void loop.run().finally(() => {
      if (this.#loops.get(reader) !== loop) return
      this.#loops.delete(reader)
      if (isFarBehind && reader.progress.mode === 'shared') this.#deps.caughtUp(reader)
    })
  }
}

/** Attempts under way at or before `position` hold the new tracker back. Returns those after it, which it reads again. */
function carryOver(reader: Reader, tracker: Tracker, position: number): PendingDelivery[] {
  const underWay = reader.open()
  reader.moveTo(
    tracker,
    underWay.filter((delivery) => delivery.event.position <= position),
  )
  const ahead = underWay.filter((delivery) => delivery.event.position > position)
  for (const delivery of ahead) reader.settled(delivery)
  return ahead
}
