import type { FromClient, ToClient } from './clients.ts'

/** The pause before a client dials again a server that is not known to have been restarted. */
const redialMs = 250

/** A client process's side: where the server is now, and when to end. */
export class CoordinatorLink {
  #url = ''
  #waiting: (() => void)[] = []
  #share: number
  #held: (() => void)[] = []
  #count = 0
  #isTelling = false
  readonly #finished = Promise.withResolvers<void>()
  readonly #signingSecret = Promise.withResolvers<string>()

  /** @param share of a publisher's events, of 1, that it may publish before it is allowed more */
  constructor(share = 1) {
    this.#share = share
    process.on('message', (message: ToClient) => {
      switch (message.kind) {
        case 'finish':
          this.#finished.resolve()
          break
        case 'secret':
          this.#signingSecret.resolve(message.signingSecret)
          break
        case 'allow':
          this.#share = message.share
          for (const wake of this.#held.splice(0)) wake()
          break
        case 'server':
          this.#url = message.url
          for (const wake of this.#waiting.splice(0)) wake()
          break
        default:
          message satisfies never
      }
    })
    // The coordinator is gone: nobody would end this process.
    process.on('disconnect', () => process.exit(1))
  }

  get finished(): Promise<void> {
    return this.#finished.promise
  }

  get signingSecret(): Promise<string> {
    return this.#signingSecret.promise
  }

  tell(message: FromClient): void {
    process.send?.(message)
  }

  /** Tells how many events there are so far; of those in one turn, the last word. */
  progress(count: number): void {
    this.#count = count
    if (this.#isTelling) return
    this.#isTelling = true
    setImmediate(() => {
      this.#isTelling = false
      this.tell({ kind: 'progress', count: this.#count })
    })
  }

  /** How many of so many events may be published, as soon as that is more than were. */
  async allowed(events: number, published: number): Promise<number> {
    while (Math.floor(this.#share * events) <= published) await new Promise<void>((resolve) => this.#held.push(resolve))
    return Math.floor(this.#share * events)
  }

  /** Where the server is; after a failure at `failed`, once it was restarted or after a short pause. */
  async server(failed = ''): Promise<string> {
    while (this.#url === '') await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#url === failed) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        setTimeout(resolve, redialMs).unref()
      })
    }
    return this.#url
  }
}
