import { getPriority, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { OwnListener } from '../../core/address/endpoint-policy.ts'
import { HttpTransport } from '../http-transport.ts'
import {
  type PackedResult,
  packResult,
  type SendAnswer,
  type SendMessage,
  type SendThreadData,
  unpackRequest,
} from './send-message.ts'

/** A sending thread: the transport, and nothing else that a receiver's answers could slow down. */
const port = parentPort!
const { policy, niceness } = workerData as SendThreadData
lowerPriority(niceness)
const ownListeners: OwnListener[] = [...policy.ownListeners]
const transport = new HttpTransport({ policy: { ...policy, ownListeners } })
let results: PackedResult[] = []

function answer(result: PackedResult): void {
  results.push(result)
  if (results.length === 1) setImmediate(flush)
}

function tell(answer: SendAnswer): void {
  port.postMessage(answer)
}

function flush(): void {
  tell(results)
  results = []
}

port.on('message', (message: SendMessage) => {
  switch (message.kind) {
    case 'send':
      for (const packed of message.requests) {
        const request = unpackRequest(packed)
        transport.send(request).then(
          (result) => answer(packResult(packed[0], request, result)),
          (error: Error) => answer([packed[0], error]),
        )
      }
      break
    case 'listener':
      ownListeners.push(message.listener)
      break
    case 'close':
      void transport.close().then(() => {
        if (results.length > 0) flush()
        port.close()
      })
      break
    default:
      message satisfies never
  }
})

transport.warmUp()
tell('ready')

/** Linux counts the priority of each thread by itself, and 0 is the calling thread (setpriority(2)); others have one for the process. */
function lowerPriority(by: number): void {
  if (by > 0 && process.platform === 'linux') setPriority(0, Math.min(19, getPriority(0) + by))
}
