import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { openForReading } from './database.ts'
import type { FromReader, ToReader } from './messages.ts'
import { refusalOf } from './refusal.ts'
import { LogRows } from './rows.ts'

/** The reader's thread: a long replay from disk stalls neither the writer nor the live streams. */
const port = parentPort!
const { directory } = workerData as { readonly directory: string }
let open: { readonly db: DatabaseSync; readonly rows: LogRows } | undefined

function opened(): LogRows {
  if (!open) {
    const db = openForReading(directory)
    try {
      open = { db, rows: new LogRows(db) }
    } catch (error) {
      db.close()
      throw error
    }
  }
  return open.rows
}

function close(): void {
  const { db } = open ?? {}
  open = undefined
  db?.close()
}

function post(message: FromReader, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

port.on('message', (message: ToReader) => {
  if (message.kind === 'close') {
    close()
    port.close()
    return
  }
  const { number } = message
  try {
    switch (message.kind) {
      case 'rows': {
        const result = opened().read(message.request)
        return post({ kind: 'rows', number, result }, [result.bodies.buffer as ArrayBuffer])
      }
      case 'at': {
        const result = opened().readAt(message.request)
        return post({ kind: 'at', number, result }, [result.bodies.buffer as ArrayBuffer])
      }
      case 'position-before':
        return post({ kind: 'position-before', number, position: opened().positionBefore(message.timeMs) })
      default:
        message satisfies never
    }
  } catch (error) {
    // The next question is asked of the disk anew: this connection may have in memory what was read wrongly,
    // and its statements say again what they failed with. The writer's connection keeps the log as it is.
    close()
    post({ kind: 'failed', number, refusal: refusalOf(error) })
  }
})
