import { connect, type Socket } from 'node:net'

/**
 * Clients that cost as little as clients can: they shake hands, send `hello` if there is one, wait
 * for `ready`, and from then on only count bytes. In a process of their own.
 */
export interface ClientOrder {
  readonly port: number
  readonly path: string
  readonly connections: number
  /** Text messages to send, as they are. */
  readonly hello: readonly string[]
  /** What comes after this text is counted. */
  readonly ready: string
}
export type FromClients = { readonly kind: 'ready' } | { readonly kind: 'received' }
export type ToClients =
  | { readonly kind: 'connect'; readonly order: ClientOrder }
  /** `received` is sent when every connection has this many. */
  | { readonly kind: 'expect'; readonly bytes: number }

const counts: number[] = []
let readyCount = 0
let expected = Number.POSITIVE_INFINITY

function tell(message: FromClients): void {
  process.send?.(message)
}

function open(order: ClientOrder, index: number): void {
  const socket = connect(order.port, '127.0.0.1')
  let head = ''
  let hasGreeted = false
  const onHead = (chunk: Buffer) => {
    head += chunk.toString('latin1')
    if (!hasGreeted && head.includes('\r\n\r\n')) {
      hasGreeted = true
      greet(socket, order.hello)
    }
    const at = head.indexOf(order.ready)
    if (at < 0) return
    socket.off('data', onHead)
    counts[index] = head.length - at - order.ready.length
    socket.on('data', (bytes: Buffer) => count(index, bytes.length))
    readyCount += 1
    if (readyCount === order.connections) tell({ kind: 'ready' })
  }
  socket.on('data', onHead)
  socket.write(
    `GET ${order.path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
}

function greet(socket: Socket, messages: readonly string[]): void {
  for (const message of messages) {
    const bytes = Buffer.from(message)
    // Masked with zeros; these are short.
    socket.write(Buffer.concat([Buffer.from([0x81, 0xfe, bytes.length >> 8, bytes.length & 255, 0, 0, 0, 0]), bytes]))
  }
}

function count(index: number, bytes: number): void {
  const before = counts[index]!
  counts[index] = before + bytes
  if (before < expected && before + bytes >= expected) check()
}

function check(): void {
  const complete = counts.filter((bytes) => bytes >= expected).length
  if (complete === counts.length) tell({ kind: 'received' })
}

process.on('message', (message: ToClients) => {
  if (message.kind === 'connect') {
    for (let index = 0; index < message.order.connections; index++) open(message.order, index)
  } else {
    expected = message.bytes
    check()
  }
})
process.on('disconnect', () => process.exit())
