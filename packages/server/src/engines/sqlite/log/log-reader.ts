import { parentPort, workerData } from 'node:worker_threads'
import { ConnectedRows } from './connected-rows.ts'
import type { FromReader, ToReader } from './messages.ts'
import { refusalOf } from './refusal.ts'

/** The reader's thread: a long replay from disk stalls neither the writer nor the live streams. */
const port = parentPort!
const { directory } = workerData as { readonly directory: string }
const rows = new ConnectedRows(directory)

function post(message: FromReader, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

port.on('message', (message: ToReader) => {
  if (message.kind === 'close') {
    rows.close()
    port.close()
    return
  }
  const { number } = message
  try {
    switch (message.kind) {
      case 'rows': {
        const result = rows.ask((open) => open.read(message.request))
        return post({ kind: 'rows', number, result }, [result.bodies.buffer as ArrayBuffer])
      }
      case 'at': {
        const result = rows.ask((open) => open.readAt(message.request))
        return post({ kind: 'at', number, result }, [result.bodies.buffer as ArrayBuffer])
      }
      case 'position-before': {
        const position = rows.ask((open) => open.positionBefore(message.timeMs))
        return post({ kind: 'position-before', number, position })
      }
      default:
        message satisfies never
    }
  } catch (error) {
    post({ kind: 'failed', number, refusal: refusalOf(error) })
  }
})
