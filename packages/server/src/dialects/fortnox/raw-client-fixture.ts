import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A bare TCP connection, for what no client library would send. */
export class RawClient {
  readonly socket: Socket
  received = Buffer.alloc(0)
  readonly ended: Promise<void>
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.#wake()
    })
    socket.on('error', () => {})
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.#wake()
        resolve()
      })
    })
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  static async upgrade(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port)
    client.socket.write(upgradeRequest())
    await client.until(() => client.received.includes('\r\n\r\n'))
    client.received = client.received.subarray(client.received.indexOf('\r\n\r\n') + 4)
    return client
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone() && !this.socket.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The code with which the server closes; undefined when it only hangs up. */
  async closeCode(): Promise<number | undefined> {
    await this.until(() => closeCodeIn(this.received) !== undefined)
    this.socket.destroy()
    return closeCodeIn(this.received)
  }
}

/** Walks through a server's frames up to the close frame. */
function closeCodeIn(bytes: Buffer): number | undefined {
  let at = 0
  while (at + 4 <= bytes.length) {
    if (bytes[at] === 0x88) return bytes.readUInt16BE(at + 2)
    const short = bytes[at + 1]!
    at +=
      short === 127
        ? 10 + Number(bytes.readBigUInt64BE(at + 2))
        : short === 126
          ? 4 + bytes.readUInt16BE(at + 2)
          : 2 + short
  }
  return undefined
}

export function upgradeRequest(
  options: { method?: string; path?: string; key?: string | null; headers?: readonly string[] } = {},
): string {
  const { method = 'GET', path = '/topics-v1', key = 'dGhlIHNhbXBsZSBub25jZQ==', headers = [] } = options
  return [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    ...(key === null ? [] : [`Sec-WebSocket-Key: ${key}`]),
    ...headers,
    '',
    '',
  ].join('\r\n')
}

/** A client's frame, masked with zeros. */
export function frame(first: number, payload: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(payload)
  const header =
    bytes.length < 126
      ? Buffer.from([first, 0x80 | bytes.length])
      : bytes.length < 65_536
        ? Buffer.from([first, 0x80 | 126, bytes.length >> 8, bytes.length & 255])
        : Buffer.concat([Buffer.from([first, 0x80 | 127, 0, 0, 0, 0]), uint32(bytes.length)])
  return Buffer.concat([header, Buffer.alloc(4), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
