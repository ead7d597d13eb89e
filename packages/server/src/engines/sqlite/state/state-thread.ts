import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads'
import { AppError } from '../../../core/errors.ts'
import { startThread } from '../../../process/thread.ts'
import type { StateFiles, ToState } from './state-call.ts'
import { StateCaller } from './state-caller.ts'

/** The state's thread, as the one who started it holds it. */
export class StateThread {
  readonly caller: StateCaller
  readonly #worker: Worker

  constructor(files: StateFiles) {
    this.#worker = startThread(new URL('./state-worker.ts', import.meta.url), {
      name: 'tidings-state',
      workerData: files,
    })
    this.caller = new StateCaller(this.#worker)
    this.#worker.on('error', (error) =>
      this.caller.end(new AppError('internal', 'the thread of the store broke', { cause: error })),
    )
    this.#worker.on('exit', () => this.caller.end(closed()))
  }

  /** A port for another thread, with which it calls by itself. */
  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.#worker.postMessage({ serve: port1 } satisfies ToState, [port1])
    return port2
  }

  /** Lets the calls under way end, closes the databases and stops the thread. */
  async close(): Promise<void> {
    if (this.caller.isEnded) return
    const done = this.caller.call('close', null)
    this.caller.refuse(closed())
    try {
      await done
    } finally {
      await this.#worker.terminate()
    }
  }
}

function closed(): AppError {
  return new AppError('shutting_down', 'the store is closed')
}
