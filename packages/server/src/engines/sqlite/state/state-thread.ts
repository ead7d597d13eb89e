import type { TransferListItem, Worker } from 'node:worker_threads'
import { AppError } from '../../../core/errors.ts'
import { startThread } from '../../../process/thread.ts'
import type { StateAnswer, StateCallName, StateCalls, StateFiles } from './state-call.ts'

interface Waiter {
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

/** The calling side of the state's worker thread. */
export class StateThread {
  readonly #worker: Worker
  readonly #waiters = new Map<number, Waiter>()
  #lastId = 0
  /** Why there is no calling any more. */
  #ended: AppError | undefined

  constructor(files: StateFiles) {
    this.#worker = startThread(new URL('./state-worker.ts', import.meta.url), {
      name: 'tidings-state',
      workerData: files,
    })
    this.#worker.on('message', (answer: StateAnswer) => this.#settle(answer))
    this.#worker.on('error', (error) =>
      this.#end(new AppError('internal', 'the thread of the store broke', { cause: error })),
    )
    this.#worker.on('exit', () => this.#end(new AppError('shutting_down', 'the store is closed')))
  }

  call<K extends StateCallName>(
    name: K,
    argument: StateCalls[K]['argument'],
    transfer: TransferListItem[] = [],
  ): Promise<StateCalls[K]['result']> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject })
      this.#worker.postMessage({ id, name, argument }, transfer)
    })
  }

  /** Lets the calls under way end, closes the databases and stops the thread. */
  async close(): Promise<void> {
    if (this.#ended) return
    const closed = this.call('close', null)
    this.#ended = new AppError('shutting_down', 'the store is closed')
    try {
      await closed
    } finally {
      await this.#worker.terminate()
    }
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

  #end(reason: AppError): void {
    this.#ended ??= reason
    for (const waiter of this.#waiters.values()) waiter.reject(this.#ended)
    this.#waiters.clear()
  }
}
