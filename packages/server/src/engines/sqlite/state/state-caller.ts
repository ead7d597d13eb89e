import type { TransferListItem } from 'node:worker_threads'
import { AppError } from '../../../core/errors.ts'
import type { FromState, StateAnswer, StateCallName, StateCalls, StateRequest } from './state-call.ts'

/** A thread, or the port to one. */
export interface StateLine {
  postMessage(message: StateRequest, transfer?: readonly TransferListItem[]): void
  on(event: 'message', listener: (message: FromState) => void): unknown
}

interface Waiter {
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

/** The calling side of the state's thread. */
export class StateCaller {
  readonly #line: StateLine
  readonly #waiters = new Map<number, Waiter>()
  readonly #changed = new Set<() => void>()
  #lastId = 0
  /** Why there is no calling any more. */
  #ended: AppError | undefined

  constructor(line: StateLine) {
    this.#line = line
    line.on('message', (message) => {
      if (message.kind === 'changed') this.#wake()
      else this.#settle(message)
    })
  }

  get isEnded(): boolean {
    return this.#ended !== undefined
  }

  call<K extends StateCallName>(
    name: K,
    argument: StateCalls[K]['argument'],
    transfer: readonly TransferListItem[] = [],
  ): Promise<StateCalls[K]['result']> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject })
      this.#line.postMessage({ id, name, argument }, transfer)
    })
  }

  /** Calls back when somebody else has changed the registry. Returns its end. */
  onChanged(wake: () => void): () => void {
    this.#changed.add(wake)
    return () => this.#changed.delete(wake)
  }

  /** Takes no further calls; those under way are still answered. */
  refuse(reason: AppError): void {
    this.#ended ??= reason
  }

  /** Nothing is answered any more. */
  end(reason: AppError): void {
    this.refuse(reason)
    for (const waiter of this.#waiters.values()) waiter.reject(this.#ended)
    this.#waiters.clear()
  }

  #wake(): void {
    for (const wake of this.#changed) wake()
  }

  #settle(answer: StateAnswer): void {
    const waiter = this.#waiters.get(answer.id)
    this.#waiters.delete(answer.id)
    switch (answer.kind) {
      case 'done':
        waiter?.resolve(answer.result as never)
        break
      case 'refused': {
        const { code, message, errors, retryAfterSeconds } = answer
        const options = retryAfterSeconds === undefined ? { errors } : { errors, retryAfterSeconds }
        waiter?.reject(new AppError(code, message, options))
        break
      }
      case 'bug':
        waiter?.reject(answer.error)
        break
      default:
        answer satisfies never
    }
  }
}
