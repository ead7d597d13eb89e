import { Signal } from '../../packages/server/src/core/collection/signal.ts'
import type { Access, Eyes, ModelEvent } from './model.ts'
import { isVisible } from './model.ts'

/** One way of reading, and what it was sent. */
export class Reader {
  readonly name: string
  readonly eyes: Eyes
  /** The state of the registry when it began. */
  readonly since: number
  /** It reads what was published before it began, too. */
  readonly readsPast: boolean
  /** Something may be sent to it again, and late: it is held to what it may be sent, not to what it must be. */
  readonly isOnlyHeld: boolean
  readonly received = new Set<string>()
  readonly arrived = new Signal()
  hasEnded = false
  /** The last state of the registry at which nothing from before was under way to it. */
  #settled = 0
  #fresh: string[] = []

  constructor(
    name: string,
    eyes: Eyes,
    since: number,
    more: { readonly readsPast?: boolean; readonly isOnlyHeld?: boolean } = {},
  ) {
    this.name = name
    this.eyes = eyes
    this.since = since
    this.readsPast = more.readsPast ?? false
    this.isOnlyHeld = more.isOnlyHeld ?? false
  }

  receive(event: string): void {
    this.received.add(event)
    this.#fresh.push(event)
    this.arrived.wake()
  }

  end(): void {
    this.hasEnded = true
    this.arrived.wake()
  }

  settle(version: number): void {
    this.#settled = version
  }

  async until(event: string): Promise<void> {
    while (!this.received.has(event) && !this.hasEnded) await this.arrived.wait()
  }

  /**
   * What it was sent since the last call and may not have been: a view of between the publishing and now must show it,
   * and none from before it was settled.
   */
  wrong(events: ReadonlyMap<string, ModelEvent>, history: readonly Access[]): string[] {
    const fresh = this.#fresh
    this.#fresh = []
    return fresh.filter((name) => {
      const event = events.get(name)
      return event && !this.#views(event, history, this.#settled).some((access) => isVisible(this.eyes, access, event))
    })
  }

  /** What it was not sent though every view since the publishing shows it. */
  missing(events: ReadonlyMap<string, ModelEvent>, history: readonly Access[]): string[] {
    if (this.isOnlyHeld) return []
    return [...events.values()]
      .filter((event) => this.readsPast || event.version >= this.since)
      .filter((event) => !this.received.has(event.name))
      .filter((event) => this.#views(event, history, 0).every((access) => isVisible(this.eyes, access, event)))
      .map(({ name }) => name)
  }

  #views(event: ModelEvent, history: readonly Access[], settled: number): readonly Access[] {
    return history.slice(Math.max(event.version, this.since, settled))
  }
}
