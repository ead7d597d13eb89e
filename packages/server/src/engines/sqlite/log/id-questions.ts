import type { TenantId } from '../../../core/ids/tenant-id.ts'

/** Tenants that one message asks about: at most two milliseconds of the writer's time, in which no commit can begin. */
const tenantsPerMessage = 100

type AskIds = (id: string, tenantIds: readonly TenantId[]) => void

interface WaitingQuestion {
  readonly resolve: (positions: readonly number[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Questions to the writer about published ids, one small message at a time whoever asks: the writer
 * takes commits between them, so publishing hardly feels them.
 */
export class IdQuestions {
  readonly #ask: AskIds
  #last: Promise<unknown> = Promise.resolve()
  #waiting: WaitingQuestion | undefined

  constructor(ask: AskIds) {
    this.#ask = ask
  }

  async find(id: string, tenantIds: readonly TenantId[]): Promise<number[]> {
    const positions: number[] = []
    for (let from = 0; from < tenantIds.length; from += tenantsPerMessage) {
      positions.push(...(await this.#next(id, tenantIds.slice(from, from + tenantsPerMessage))))
    }
    return positions
  }

  get isIdle(): boolean {
    return this.#waiting === undefined
  }

  answered(positions: readonly number[]): void {
    this.#taken()?.resolve(positions)
  }

  failed(error: unknown): void {
    this.#taken()?.reject(error)
  }

  #next(id: string, tenantIds: readonly TenantId[]): Promise<readonly number[]> {
    const asked = this.#last.then(
      () =>
        new Promise<readonly number[]>((resolve, reject) => {
          // May refuse; only what was asked is waited for.
          this.#ask(id, tenantIds)
          this.#waiting = { resolve, reject }
        }),
    )
    this.#last = asked.catch(() => {})
    return asked
  }

  #taken(): WaitingQuestion | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }
}
