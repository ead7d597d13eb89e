import type { Server } from 'node:http'
import type { Socket } from 'node:net'

const sweepMs = 100

export interface ConnectionDrain {
  /**
   * Lets requests under way end, for up to `graceMs`, while everything that carries none is closed.
   * Begin it before the server is closed; the returned function ends it.
   */
  begin(graceMs: number): () => void
}

/**
 * Node's `close` waits for connections that are between two requests or have not carried one yet:
 * a client that only connects would hold up the stop for ever.
 */
export function drainableConnections(server: Server): ConnectionDrain {
  const silent = new Set<Socket>()
  server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  for (const event of ['request', 'upgrade'] as const) server.on(event, ({ socket }) => silent.delete(socket))
  return {
    begin(graceMs) {
      const sweep = setInterval(() => {
        for (const socket of silent) socket.destroy()
        server.closeIdleConnections()
      }, sweepMs)
      const end = setTimeout(() => server.closeAllConnections(), graceMs)
      return () => {
        clearInterval(sweep)
        clearTimeout(end)
      }
    },
  }
}
