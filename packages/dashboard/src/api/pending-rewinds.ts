import { rewindSubscription } from './subscription.ts'

/** A rewind that was asked for and has not begun. */
export interface PendingRewind {
  /** RFC 3339: from when events are sent again. */
  readonly from: string
  readonly beginsAtMs: number
  /** Why it could not begin; null: it has not been tried. */
  readonly failure: Error | null
}

/** Time to think again. A rewind cannot be taken back once the server reads on. */
export const graceMs = 10_000

/**
 * Rewinds between being asked for and beginning, by subscription. They live as long as the window, whatever page of it
 * is shown: a window that is closed before sends nothing.
 */
export class PendingRewinds {
  readonly #pending = new Map<
    string,
    { readonly rewind: PendingRewind; readonly timer: ReturnType<typeof setTimeout> }
  >()
  readonly #listeners = new Set<() => void>()
  readonly #begin: (id: string, from: string) => Promise<unknown>

  constructor(begin: (id: string, from: string) => Promise<unknown>) {
    this.#begin = begin
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  of(id: string): PendingRewind | undefined {
    return this.#pending.get(id)?.rewind
  }

  /** In place of one that is pending for the subscription. */
  ask(id: string, from: string): void {
    this.#take(id)
    const timer = setTimeout(() => void this.beginNow(id), graceMs)
    this.#put(id, { from, beginsAtMs: Date.now() + graceMs, failure: null }, timer)
  }

  undo(id: string): void {
    this.#take(id)
    this.#tell()
  }

  /** Resolves when the server has it, or has refused it: then it stays, with the reason. */
  async beginNow(id: string): Promise<void> {
    const pending = this.#take(id)
    if (!pending) return
    this.#tell()
    try {
      await this.#begin(id, pending.rewind.from)
      this.#tell()
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      this.#put(id, { ...pending.rewind, failure }, pending.timer)
    }
  }

  #put(id: string, rewind: PendingRewind, timer: ReturnType<typeof setTimeout>): void {
    this.#pending.set(id, { rewind, timer })
    this.#tell()
  }

  #take(id: string) {
    const pending = this.#pending.get(id)
    clearTimeout(pending?.timer)
    this.#pending.delete(id)
    return pending
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

export const pendingRewinds = new PendingRewinds((id, time) => rewindSubscription(id, { time }))
