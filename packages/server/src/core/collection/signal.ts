/**
 * A wake-up without data: `wait` resolves at the next `wake`, or at once if one came since the last
 * wait. Lost or doubled wake-ups are harmless, because whoever wakes looks for itself.
 */
export class Signal {
  #isRaised = false
  #waiters: (() => void)[] = []

  wake = (): void => {
    if (this.#waiters.length === 0) {
      this.#isRaised = true
      return
    }
    const waiters = this.#waiters
    this.#waiters = []
    for (const resolve of waiters) resolve()
  }

  wait(): Promise<void> {
    if (this.#isRaised) {
      this.#isRaised = false
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiters.push(resolve))
  }
}
