import type { Pace } from '../core/delivery/pace.ts'
import type { Settlements } from '../deliver/settling/settlements.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'
import { OwnLoop, type OwnLoopDeps } from './own-loop.ts'
import type { Effect, Input, NewBeginning } from './progress-state.ts'
import type { Reader } from './reader.ts'
import type { Tracker } from './tracker.ts'

export interface ReadersDeps extends Omit<OwnLoopDeps, 'shared' | 'caughtUp' | 'dropped'> {
  readonly settling: Pick<SettlingStore, 'reopen'>
  readonly settlements: OwnLoopDeps['settlements'] & Pick<Settlements, 'durable'>
  /** That of the shared loop. */
  readonly shared: Tracker
  /** One that was far behind has read as far as the shared loop. */
  readonly caughtUp: (reader: Reader) => void
}

/** Who reads for each lane: tells the progress what happens, and does what its state asks for. */
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
  open(reader: Reader): void {
    this.#tell(reader, { kind: 'opened', isActive: reader.isActive, ...this.#where(reader) })
  }

  /** Takes it out of the shared loop, which has offered it everything up to `readTo`. */
  leave(reader: Reader, readTo = this.#deps.shared.readTo): void {
    this.#tell(reader, { kind: 'left', ...this.#where(reader), readTo })
  }

  /** Retention dropped events after `after`, up to `to`, that were not read for it. */
  noteDropped(reader: Reader, { after, to }: { readonly after: number; readonly to: number }): void {
    this.#tell(reader, { kind: 'dropped', after, to, nowMs: this.#deps.clock.now() })
  }

  /** Reads on from where it stands. */
  enable(reader: Reader): void {
    this.#tell(reader, { kind: 'enabled', ...this.#where(reader) })
  }

  /** Stops reading, and takes back what no attempt was begun for. */
  disable(reader: Reader): void {
    this.#tell(reader, { kind: 'disabled', ...this.#where(reader), keepsQueued: this.#keepsQueued(reader) })
  }

  /** Resolves when the pause is durable; what waits for a retry goes on. One that keeps up falls behind from now on. */
  async pause(reader: Reader): Promise<void> {
    this.#tell(reader, { kind: 'paused', ...this.#where(reader) })
    await this.#written()
  }

  async resume(reader: Reader): Promise<void> {
    this.#tell(reader, { kind: 'resumed', ...this.#where(reader) })
    await this.#written()
  }

  /** Skips everything that a catch-up has not settled, and joins the shared reading from now on. */
  async cancel(reader: Reader): Promise<void> {
    this.#tell(reader, { kind: 'cancelled', ...this.#where(reader) })
    await this.#written()
  }

  /** Begins anew, once that is durable; attempts under way end as they end. */
  async restart(reader: Reader, beginning: NewBeginning): Promise<void> {
    const { settling, partition } = this.#deps
    const keepsQueued = this.#keepsQueued(reader)
    this.#tell(reader, { kind: 'restarted', beginning, ...this.#where(reader), keepsQueued })
    const { own } = reader.progress
    try {
      await this.#written()
      // Deliveries that had ended are attempted again; rows of the replay itself come after this.
      await settling.reopen({ subscription: reader.number, partition, after: beginning.position })
    } finally {
      // A disk that refuses now must not leave it without anybody who reads for it: the place is written later.
      // Begun anew once more meanwhile, it waits for that place.
      if (reader.progress.own === own) this.#tell(reader, { kind: 'durable', ...this.#where(reader) })
    }
  }

  remove(reader: Reader): void {
    this.#tell(reader, { kind: 'removed' })
  }

  stop(): void {
    for (const loop of this.#loops.values()) loop.stop()
  }

  /** What progress judges by. */
  #where({ progress }: Reader) {
    const { log, partition, shared, clock } = this.#deps
    return {
      readTo: progress.readTo(shared.readTo),
      settledTo: progress.settledTo(shared.watermark),
      latest: log.bounds(partition).latest,
      nowMs: clock.now(),
    }
  }

  #keepsQueued({ lane }: Reader): boolean {
    return lane.policy.retriesWhileDisabled
  }

  #tell(reader: Reader, input: Input): void {
    for (const effect of reader.progress.step(input)) this.#do(reader, effect)
  }

  #do(reader: Reader, effect: Effect): void {
    switch (effect.kind) {
      case 'detach':
        reader.detach(this.#deps.shared, effect.readTo)
        break
      case 'start':
        this.#start(reader)
        break
      case 'stop':
        this.#stop(reader)
        break
      case 'take back':
        reader.takeBack()
        break
      case 'leave out':
        reader.leaveOut()
        break
      case 'renumber':
        reader.progress.sequences.restart(effect.position, effect.readTo)
        break
      case 'begin anew':
        reader.beginAnew(effect.position, effect.readTo)
        break
      case 'tell':
        this.#deps.caughtUp(reader)
        break
      case 'write':
        this.#deps.settlements.touch()
        break
      default:
        effect satisfies never
    }
  }

  async #written(): Promise<void> {
    this.#deps.settlements.touch()
    await this.#deps.settlements.durable()
  }

  #start(reader: Reader): void {
    const { own } = reader.progress
    if (!own) return
    const loop = new OwnLoop(
      {
        ...this.#deps,
        caughtUp: () => this.#tell(reader, { kind: 'caught up', readTo: own.readTo, isSettled: own.openCount === 0 }),
        dropped: (span) => this.noteDropped(reader, span),
      },
      reader,
      own,
    )
    this.#loops.set(reader, loop)
    void loop.run()
  }

  #stop(reader: Reader): void {
    this.#loops.get(reader)?.stop()
    this.#loops.delete(reader)
  }
}
