import type { Clock } from '../clock.ts'
import type { CheckpointOptions } from './checkpoint-store.ts'

/**
 * How far a reader is done, and how much of that is saved. What is saved is never ahead of what is done: after a crash
 * some events come again, and none is left out.
 */
export class Checkpoint {
  readonly #options: CheckpointOptions
  readonly #clock: Clock
  #done: string | undefined
  #saved: string | undefined
  #unsaved = 0
  #savedAtMs: number

  constructor(options: CheckpointOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#savedAtMs = clock.now()
  }

  async load(): Promise<string | undefined> {
    this.#saved = await this.#options.store.load(this.#options.name)
    this.#done = this.#saved
    return this.#saved
  }

  /** Everything up to `position` is done. Saves it when it is time. */
  async note(position: string, events: number): Promise<void> {
    this.#done = position
    this.#unsaved += events
    const { everyEvents = 100, everyMs = 1_000 } = this.#options
    if (this.#unsaved >= everyEvents || this.#clock.now() - this.#savedAtMs >= everyMs) await this.save()
  }

  async save(): Promise<void> {
    const position = this.#done
    if (position !== undefined && position !== this.#saved) await this.#options.store.save(this.#options.name, position)
    this.#saved = position
    this.#unsaved = 0
    this.#savedAtMs = this.#clock.now()
  }
}
