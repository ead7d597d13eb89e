import type { EndpointPolicy, OwnListener } from '../../core/address/endpoint-policy.ts'
import type { Standing } from '../../core/delivery/standing.ts'
import type { OutgoingRequest, Transport, TransportResult } from '../transport.ts'
import { SendThread } from './send-thread.ts'

/** With 10 a thread gets a tenth of the processor beside one that has 0, and all of it when no other wants it. */
const othersNiceness = 10

/**
 * The transport in threads of its own, so that connecting, TLS and whatever receivers answer slow down
 * neither publishing nor streams nor matching. Endpoints that answer have threads to themselves: what the
 * others do (garbage, floods, endless bodies) is felt in another thread, which
 * runs when the others leave time.
 */
export class ThreadedTransport implements Transport {
  readonly #proven: readonly SendThread[]
  readonly #others: SendThread
  #isClosed = false

  /** `threads`: for endpoints that answer, 1 or more; the others share one more. */
  constructor(policy: EndpointPolicy, threads: number) {
    const provenData = { policy, niceness: 0 }
    this.#proven = Array.from(
      { length: threads },
      (_, index) => new SendThread(`tidings-send-${index + 1}`, provenData),
    )
    this.#others = new SendThread('tidings-send-unproven', { policy, niceness: othersNiceness })
  }

  send(request: OutgoingRequest, standing: Standing): Promise<TransportResult> {
    if (this.#isClosed) return Promise.reject(new Error('the transport is closed'))
    return (standing === 'proven' ? this.#leastBusy() : this.#others).send(request)
  }

  /** Threads take a moment to start: called once there is somebody to send to. Rejects when one of them ends before it takes requests. */
  async start(): Promise<void> {
    await Promise.all([...this.#all()].map((thread) => thread.start()))
  }

  /** No endpoint may be this socket, unless the operator opened it. */
  listensOn(listener: OwnListener): void {
    for (const thread of this.#all()) thread.listensOn(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#all()].map((thread) => thread.close()))
  }

  #leastBusy(): SendThread {
    return this.#proven.reduce((best, thread) => (thread.activeCount < best.activeCount ? thread : best))
  }

  *#all(): Iterable<SendThread> {
    yield* this.#proven
    yield this.#others
  }
}
