import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A TCP proxy with an address that stays, before a server whose address changes with every start. It cuts connections
 * and holds back bytes as a network does.
 */
export class TcpProxy implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#carry(socket))
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #target: { readonly port: number; readonly host: string } | null = null
  #isSilent = false
  /** Connections so far. */
  connections = 0
  /** Bytes that the server sent, over all connections. */
  received = 0
  /** Cuts a connection once the server has sent so many more bytes. */
  #cutAfter = Number.POSITIVE_INFINITY

  static async start(): Promise<TcpProxy> {
    const proxy = new TcpProxy()
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Where new connections go from now on; null: nowhere, they are closed at once. */
  leadTo(url: string | null): void {
    this.#target = url === null ? null : { port: Number(new URL(url).port), host: new URL(url).hostname }
  }

  /** Resets every connection there is. */
  cut(): void {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  /** Resets the connection that carries the server's byte number `bytes` from now on. */
  cutAfter(bytes: number): void {
    this.#cutAfter = this.received + bytes
  }

  /** Connections stay open and carry nothing, as when a cable is pulled, until `false`. Only those that are made meanwhile or exist. */
  silence(isSilent: boolean): void {
    this.#isSilent = isSilent
    for (const [client, server] of this.#pairs) {
      for (const socket of [client, server]) {
        if (isSilent) socket.pause()
        else socket.resume()
      }
    }
  }

  #carry(client: Socket): void {
    client.on('error', () => {})
    if (!this.#target) return void client.resetAndDestroy()
    this.connections++
    const server = connect(this.#target)
    const pair = [client, server] as const
    this.#pairs.add(pair)
    server.on('error', () => {})
    server.on('data', (chunk: Buffer) => {
      this.received += chunk.length
      if (this.received < this.#cutAfter) {
        if (!client.write(chunk)) server.pause()
        return
      }
      this.#cutAfter = Number.POSITIVE_INFINITY
      // Half of the chunk arrives: a cut does not keep to the borders of messages.
      client.write(chunk.subarray(0, chunk.length >> 1), () => {
        client.destroy()
        server.destroy()
      })
    })
    client.on('drain', () => {
      if (!this.#isSilent) server.resume()
    })
    client.pipe(server)
    server.on('end', () => client.end())
    for (const [one, other] of [pair, [server, client] as const]) {
      one.on('close', () => {
        this.#pairs.delete(pair)
        other.destroy()
      })
    }
    if (this.#isSilent) this.silence(true)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
