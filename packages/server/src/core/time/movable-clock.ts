import type { Clock } from './clock.ts'

interface Task {
  readonly dueMs: number
  readonly order: number
  readonly run: () => void
}

/**
 * A clock that runs as time does and can be moved forward: what falls due on the way is run in due
 * order. For end-to-end tests and for `tidings emulate`, where retries of hours are to be seen at once.
 */
export class MovableClock implements Clock {
  #aheadMs = 0
  #order = 0
  readonly #tasks = new Set<Task>()
  #timer: NodeJS.Timeout | null = null
  #timerDueMs = Number.POSITIVE_INFINITY

  now(): number {
    return Date.now() + this.#aheadMs
  }

  schedule(delayMs: number, run: () => void): () => void {
    const task: Task = { dueMs: this.now() + Math.max(0, delayMs), order: this.#order++, run }
    this.#tasks.add(task)
    if (task.dueMs < this.#timerDueMs) this.#arm()
    return () => {
      // A timer that is left for nothing would keep the process from ending.
      if (this.#tasks.delete(task) && task.dueMs <= this.#timerDueMs) this.#arm()
    }
  }

  /** Moves time forward by `byMs` (0 or more), stopping at each task on the way. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.now() + byMs
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      const next = this.#earliest()
      if (!next || next.dueMs > endMs) break
      this.#aheadMs += Math.max(0, next.dueMs - this.now())
      this.#tasks.delete(next)
      next.run()
    }
    this.#aheadMs += Math.max(0, endMs - this.now())
    this.#arm()
  }

  /**
   * Moves time forward by `byMs` (0 or more) in one step, as a machine does that slept: what has fallen
   * due is run once, in due order, and sees the new time. Months cost no more than a second.
   */
  jump(byMs: number): void {
    this.#aheadMs += byMs
    this.#runDue()
  }

  #earliest(): Task | undefined {
    let earliest: Task | undefined
    for (const task of this.#tasks) {
      if (!earliest || task.dueMs < earliest.dueMs || (task.dueMs === earliest.dueMs && task.order < earliest.order)) {
        earliest = task
      }
    }
    return earliest
  }

  #arm(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#timerDueMs = Number.POSITIVE_INFINITY
    const next = this.#earliest()
    if (!next) return
    this.#timerDueMs = next.dueMs
    // Longer delays overflow a timer and would fire at once.
    const delayMs = Math.min(Math.max(0, next.dueMs - this.now()), 2 ** 31 - 1)
    this.#timer = setTimeout(() => this.#runDue(), delayMs)
  }

  #runDue(): void {
    const nowMs = this.now()
    for (let next = this.#earliest(); next && next.dueMs <= nowMs; next = this.#earliest()) {
      this.#tasks.delete(next)
      next.run()
    }
    this.#arm()
  }
}
