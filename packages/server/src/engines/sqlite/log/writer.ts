import { parentPort, workerData } from 'node:worker_threads'
import { Committer } from './committer.ts'
import { lockDirectory, openForWriting, prepareDirectory } from './database.ts'
import type { FromWriter, ToWriter, WriterOptions } from './messages.ts'
import { refusalOf } from './refusal.ts'

/** The writer's thread: a sync to a slow disk stalls this thread and no other. */
const port = parentPort!
const options = workerData as WriterOptions

function post(message: FromWriter, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

try {
  open()
} catch (error) {
  post({ kind: 'not-opened', refusal: refusalOf(error) })
  port.close()
}

function open(): void {
  prepareDirectory(options.directory)
  const lock = lockDirectory(options.directory)
  const db = openForWriting(options.directory, options.synchronous)
  const committer = new Committer(db, options)

  function commit(request: Extract<ToWriter, { kind: 'commit' }>['request']): void {
    try {
      const result = committer.commit(request)
      post({ kind: 'committed', result }, [result.places.buffer as ArrayBuffer])
    } catch (error) {
      post({ kind: 'commit-failed', refusal: refusalOf(error) })
      return
    }
    try {
      committer.tidy()
    } catch {
      // Nothing is lost: the ids stay pending, and the next commit tries again.
    }
  }

  function drop(timeMs: number): void {
    try {
      const { count, isDone } = committer.dropStep(timeMs)
      post({ kind: 'dropped', earliest: committer.bounds.earliest, count, isDone })
      // Behind whatever has arrived meanwhile: commits go first.
      if (!isDone) setImmediate(() => drop(timeMs))
    } catch (error) {
      post({ kind: 'drop-failed', refusal: refusalOf(error) })
    }
  }

  function close(): void {
    db.close()
    lock.close()
    port.close()
  }

  port.on('message', (message: ToWriter) => {
    switch (message.kind) {
      case 'commit':
        return commit(message.request)
      case 'drop':
        return drop(message.timeMs)
      case 'close':
        return close()
      default:
        message satisfies never
    }
  })
  post({ kind: 'opened', epoch: committer.epoch, ...committer.bounds })
}
