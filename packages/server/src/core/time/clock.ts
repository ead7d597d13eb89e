/** Time as a port, so that tests and the simulation move it by hand and nothing sleeps. */
export interface Clock {
  /** Wall-clock time in epoch milliseconds. */
  now(): number
  /** Calls `task` once after `delayMs` (0 to 2^31-1; longer delays are the caller's to split). Returns its cancel. */
  schedule(delayMs: number, task: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}

/** A clock that stands still until it is moved. Tasks run in due order, at their due time, while it moves. */
export class ManualClock implements Clock {
  /** On a line of its own, which nothing sets back: timers go by it. */
  #now: number
  #backMs = 0
  #order = 0
  #tasks: { dueMs: number; order: number; task: () => void }[] = []

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
  }

  now(): number {
    return this.#now - this.#backMs
  }

  /** Sets the wall time back, as an operator or a wrong time server does; timers run on. */
  setBack(byMs: number): void {
    this.#backMs += byMs
  }

  schedule(delayMs: number, task: () => void): () => void {
    const entry = { dueMs: this.#now + Math.max(0, delayMs), order: this.#order++, task }
    this.#tasks.push(entry)
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry)
    }
  }

  /** Moves time forward, letting promise reactions run between tasks. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#now + byMs
    for (;;) {
      await settleMicrotasks()
      const next = this.#tasks
        .filter((entry) => entry.dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0]
      if (!next) break
      this.#tasks = this.#tasks.filter((entry) => entry !== next)
      this.#now = Math.max(this.#now, next.dueMs)
      next.task()
    }
    this.#now = endMs
    await settleMicrotasks()
  }

  /** The due time of the earliest scheduled task, or undefined when nothing is scheduled. */
  nextDueMs(): number | undefined {
    if (this.#tasks.length === 0) return undefined
    return Math.min(...this.#tasks.map(({ dueMs }) => dueMs)) - this.#backMs
  }
}

async function settleMicrotasks(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}
