/** How long the store may take before the server says that it is not ready. */
const storeAnswerMs = 2_000

export interface ReadyState {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, boolean>>
}

/** Whether the server takes requests: its store answers, and it is not about to stop. */
export class Readiness {
  readonly #store: { count(): Promise<unknown> }
  #isStopping = false

  constructor(store: { count(): Promise<unknown> }) {
    this.#store = store
  }

  /** From now on nobody is to send anything here. */
  stop(): void {
    this.#isStopping = true
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  async check(): Promise<ReadyState> {
    const checks = { store: await answersInTime(this.#store.count()), accepting: !this.#isStopping }
    return { ready: checks.store && checks.accepting, checks }
  }
}

/** Whether the question is answered without an error, and in time. */
async function answersInTime(question: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), storeAnswerMs)
  })
  const answered = question.then(
    () => true,
    () => false,
  )
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
