import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A socket on which anything may be written, and whose answers are read as they come. */
export class RawConnection {
  readonly #socket: Socket
  #bytes = Buffer.alloc(0)
  #isClosed = false
  #wake: () => void = () => {}

  readonly #hasBodies: boolean

  /** @param hasBodies false: the answers are to HEAD, and end with their headers */
  constructor(port: number, hasBodies = true) {
    this.#hasBodies = hasBodies
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    // A reset closes it too: the server had not read everything.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** The next answer; null: the server closed the connection before a whole one. */
  async answer(): Promise<Answer | null> {
    for (;;) {
      const read = readAnswer(this.#bytes, this.#hasBodies)
      if (read) {
        this.#bytes = this.#bytes.subarray(read.length)
        return read.answer
      }
      if (this.#isClosed) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Resolves when the server has closed it. */
  async closed(): Promise<void> {
    while (!this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** Writes the bytes, and returns every answer until the server closes the connection. */
export async function answersTo(port: number, bytes: string | Buffer, hasBodies = true): Promise<Answer[]> {
  const connection = new RawConnection(port, hasBodies)
  connection.write(bytes)
  const answers: Answer[] = []
  for (;;) {
    const answer = await connection.answer()
    if (!answer) return answers
    answers.push(answer)
  }
}

function readAnswer(bytes: Buffer, hasBody: boolean): { answer: Answer; length: number } | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const [statusLine, ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const status = Number(statusLine!.split(' ')[1])
  const rest = bytes.subarray(headEnd + 4)
  if (!hasBody) return { answer: { status, headers, body: '' }, length: headEnd + 4 }
  const body =
    headers['transfer-encoding'] === 'chunked' ? readChunks(rest) : readLength(rest, headers['content-length'])
  return body && { answer: { status, headers, body: body.text }, length: headEnd + 4 + body.length }
}

function readLength(bytes: Buffer, given: string | undefined): { text: string; length: number } | null {
  const length = Number(given ?? 0)
  return bytes.length < length ? null : { text: bytes.subarray(0, length).toString('utf8'), length }
}

function readChunks(bytes: Buffer): { text: string; length: number } | null {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    const end = lineEnd + 2 + size
    if (bytes.length < end + 2) return null
    parts.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
    if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), length: at }
  }
}
