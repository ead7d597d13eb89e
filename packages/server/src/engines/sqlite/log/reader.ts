import { parentPort, workerData } from 'node:worker_threads'
import { openForReading } from './database.ts'
import type { FromReader, ToReader } from './messages.ts'
import { refusalOf } from './refusal.ts'
import { LogRows } from './rows.ts'

/** The reader's thread: a long replay from disk stalls neither the writer nor the live streams. */
const port = parentPort!
const db = openForReading((workerData as { readonly directory: string }).directory)
const rows = new LogRows(db)

function post(message: FromReader, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

port.on('message', (message: ToReader) => {
  if (message.kind === 'close') {
    db.close()
    port.close()
    return
  }
  const { number } = message
  try {
    switch (message.kind) {
      case 'rows': {
        const result = rows.read(message.request)
        return post({ kind: 'rows', number, result }, [result.bodies.buffer as ArrayBuffer])
      }
      case 'position-before':
        return post({ kind: 'position-before', number, position: rows.positionBefore(message.timeMs) })
      default:
        message satisfies never
    }
  } catch (error) {
    post({ kind: 'failed', number, refusal: refusalOf(error) })
  }
})
