import type { Worker } from 'node:worker_threads'
import type { OwnListener } from '../../core/address/endpoint-policy.ts'
import { startThread } from '../../process/thread.ts'
import type { OutgoingRequest, TransportResult } from '../transport.ts'
import {
  type PackedRequest,
  packRequest,
  type SendAnswer,
  type SendMessage,
  type SendThreadData,
  unpackResult,
} from './send-message.ts'

interface SendWaiter {
  readonly resolve: (result: TransportResult) => void
  readonly reject: (error: Error) => void
}

/** The calling side of a sending thread. It starts with its first request, or before. */
export class SendThread {
  readonly #name: string
  readonly #data: SendThreadData
  readonly #waiters = new Map<number, SendWaiter>()
  #worker: Worker | null = null
  #ready: Promise<void> = Promise.resolve()
  #outbox: PackedRequest[] = []
  #lastId = 0

  /** `data.policy.ownListeners` may grow before the thread starts; after that `listensOn` tells it. */
  constructor(name: string, data: SendThreadData) {
    this.#name = name
    this.#data = data
  }

  /** Requests under way. */
  get activeCount(): number {
    return this.#waiters.size
  }

  send(request: OutgoingRequest): Promise<TransportResult> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1
      this.#waiters.set(this.#lastId, { resolve, reject })
      this.#outbox.push(packRequest(this.#lastId, request))
      if (this.#outbox.length === 1) setImmediate(() => this.#flush())
    })
  }

  /**
   * So that the first request does not wait for it. Resolves when the thread has loaded what requests need.
   * @throws Error what ended it before
   */
  start(): Promise<void> {
    this.#worker ??= this.#begin()
    return this.#ready
  }

  listensOn(listener: OwnListener): void {
    this.#post({ kind: 'listener', listener })
  }

  /** Lets the requests under way end, which their deadlines bound, then ends the thread. */
  async close(): Promise<void> {
    this.#flush()
    const worker = this.#worker
    if (worker === null) return
    await new Promise<void>((resolve) => {
      worker.once('exit', () => resolve())
      this.#post({ kind: 'close' })
    })
  }

  #flush(): void {
    if (this.#outbox.length === 0) return
    this.#worker ??= this.#begin()
    this.#post({ kind: 'send', requests: this.#outbox })
    this.#outbox = []
  }

  #post(message: SendMessage): void {
    this.#worker?.postMessage(message)
  }

  #begin(): Worker {
    const worker = startThread(new URL('./send-worker.ts', import.meta.url), {
      name: this.#name,
      workerData: this.#data,
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#ready = promise
    // When it began with a request, nobody waits for this: the request tells the error.
    promise.catch(() => {})
    worker.on('message', (answer: SendAnswer) => {
      if (answer === 'ready') resolve()
      else for (const packed of answer) this.#settle(packed[0], unpackResult(packed))
    })
    const ended = (reason: unknown) => {
      reject(reason)
      this.#ended(worker, reason)
    }
    worker.on('error', ended)
    worker.on('exit', () => ended(new Error('the sending thread ended')))
    return worker
  }

  #settle(id: number, result: TransportResult | Error): void {
    const waiter = this.#waiters.get(id)
    this.#waiters.delete(id)
    if (result instanceof Error) waiter?.reject(result)
    else waiter?.resolve(result)
  }

  /** Its requests fail, as attempts that are made again; the next request starts another thread. */
  #ended(worker: Worker, reason: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = null
    const queued = new Set(this.#outbox.map(([id]) => id))
    for (const id of [...this.#waiters.keys()]) {
      if (!queued.has(id)) this.#settle(id, reason instanceof Error ? reason : new Error(String(reason)))
    }
  }
}
