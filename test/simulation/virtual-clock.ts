import type { Clock } from '../../packages/server/src/core/time/clock.ts'

interface Task {
  readonly dueMs: number
  readonly order: number
  readonly run: () => void
}

/** Time that moves only when it is told to. One process's tasks can be dropped at once, as a crash does. */
export class VirtualClock implements Clock {
  #nowMs: number
  #order = 0
  #tasks: Task[] = []

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  schedule(delayMs: number, run: () => void): () => void {
    const task = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run }
    let place = this.#tasks.length
    while (place > 0 && this.#tasks[place - 1]!.dueMs > task.dueMs) place -= 1
    this.#tasks.splice(place, 0, task)
    return () => {
      const at = this.#tasks.indexOf(task)
      if (at >= 0) this.#tasks.splice(at, 1)
    }
  }

  /** Runs what falls due within `byMs`, each with its reactions, then stands at the end of it. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs
    await turns()
    while (this.#tasks.length > 0 && this.#tasks[0]!.dueMs <= endMs) {
      const task = this.#tasks.shift()!
      this.#nowMs = Math.max(this.#nowMs, task.dueMs)
      task.run()
      await turns()
    }
    this.#nowMs = endMs
  }

  /** A clock for one process: its tasks end with it. */
  forProcess(isAlive: () => boolean): Clock {
    return {
      now: () => this.now(),
      schedule: (delayMs, run) =>
        this.schedule(delayMs, () => {
          if (isAlive()) run()
        }),
    }
  }
}

/** Lets promise reactions and the loops' own yields run. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
