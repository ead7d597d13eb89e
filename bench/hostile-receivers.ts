import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

/** What a bad receiver does with a request, by the number in its path; see the kinds in `docs/guarantees.md`. */
const behaviours: readonly ((socket: Socket) => void)[] = [
  // Never answers.
  () => {},
  // One header byte now and then, without end.
  (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const drip = setInterval(() => socket.write('x'), 500)
    socket.once('close', () => clearInterval(drip))
  },
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end('HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
  (socket) => socket.end('\u0016\u0003\u0001garbage\r\n\r\n'),
  (socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n'),
  // An endless body.
  (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    const pour = () => {
      while (!socket.destroyed && socket.write(`1000\r\n${'x'.repeat(4_096)}\r\n`));
    }
    socket.on('drain', pour)
    pour()
  },
]

let requests = 0
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.once('data', (data) => {
    requests += 1
    const kind = Number(/^POST \/(\d+)/.exec(data.toString('latin1'))?.[1] ?? 0)
    behaviours[kind % behaviours.length]?.(socket)
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', () => process.send?.({ requests }))
process.on('disconnect', () => process.exit())
