/** At once for one authority. */
const mostAtOnce = 16

/** Runs what an authority is to be asked in the background, a few at a time, each thing once. */
export class Revalidation {
  readonly #waiting = new Map<object, () => Promise<void>>()
  readonly #underWay = new Set<object>()
  readonly #onFailure: (error: unknown) => void

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure
  }

  /** Nothing happens for a subject that waits or is under way. */
  add(subject: object, task: () => Promise<void>): void {
    if (this.#underWay.has(subject) || this.#waiting.has(subject)) return
    this.#waiting.set(subject, task)
    this.#start()
  }

  /** Forgets what waits: the authority does not answer. */
  clear(): void {
    this.#waiting.clear()
  }

  #start(): void {
    for (const [subject, task] of this.#waiting) {
      if (this.#underWay.size >= mostAtOnce) return
      this.#waiting.delete(subject)
      this.#underWay.add(subject)
      task()
        .catch(this.#onFailure)
        .finally(() => {
          this.#underWay.delete(subject)
          this.#start()
        })
    }
  }
}
