import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { damaged } from '../file/damage.ts'
import { HighMark } from '../file/high-mark.ts'
import { openingError } from '../file/storage-error.ts'
import { forgetPages } from '../file/transaction.ts'
import { Committer } from './committer.ts'
import { lockDirectory, openForWriting, prepareDirectory } from './log-database.ts'
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
  post({ kind: 'not-opened', refusal: refusalOf(openingError(error)) })
  port.close()
}

function open(): void {
  prepareDirectory(options.directory)
  const lock = lockDirectory(options.directory)
  const mark = new HighMark(join(options.directory, 'log.mark'))
  // Kept for good, also when its disk has failed: another connection would take for durable what is in the
  // system's cache alone, and acknowledge what follows it.
  const { db, committer } = openLog(mark)
  const { epoch, bounds } = committer

  function commit(request: Extract<ToWriter, { kind: 'commit' }>['request']): void {
    try {
      const result = committer.commit(request)
      mark.raise(result.latest)
      post({ kind: 'committed', result }, [result.places.buffer as ArrayBuffer])
    } catch (error) {
      post({ kind: 'commit-failed', refusal: refusalOf(error) })
      return
    }
    try {
      committer.tidy()
    } catch {
      // Nothing is lost: the ids stay pending, and the next commit tries again.
      forgetPages(db)
    }
  }

  function drop(timeMs: number): void {
    try {
      const { count, isDone } = committer.dropStep(timeMs)
      post({ kind: 'dropped', earliest: committer.bounds.earliest, count, isDone })
      // Behind whatever has arrived meanwhile: commits go first.
      if (!isDone) setImmediate(() => drop(timeMs))
    } catch (error) {
      forgetPages(db)
      post({ kind: 'drop-failed', refusal: refusalOf(error) })
    }
  }

  function find({ id, tenantIds }: Extract<ToWriter, { kind: 'find' }>): void {
    try {
      post({ kind: 'found', positions: committer.find(id, tenantIds) })
    } catch (error) {
      forgetPages(db)
      post({ kind: 'find-failed', refusal: refusalOf(error) })
    }
  }

  function close(): void {
    db.close()
    mark.close()
    lock.close()
    port.close()
  }

  port.on('message', (message: ToWriter) => {
    switch (message.kind) {
      case 'commit':
        return commit(message.request)
      case 'drop':
        return drop(message.timeMs)
      case 'find':
        return find(message)
      case 'close':
        return close()
      default:
        message satisfies never
    }
  })
  post({ kind: 'opened', epoch, ...bounds })
}

function openLog(mark: HighMark): { readonly db: DatabaseSync; readonly committer: Committer } {
  const db = openForWriting(options.directory, options.synchronous)
  try {
    const committer = new Committer(db, options)
    const { latest } = committer.bounds
    if (latest >= mark.value) return { db, committer }
    throw damaged(`the log ends at position ${latest} and had come to ${mark.value}: its newest part (log.db-wal)`)
  } catch (error) {
    db.close()
    throw error
  }
}
