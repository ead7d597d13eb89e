import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * `answers for the server`: what the server refuses or does not take is acknowledged all the same.
 * `asks again`: what is not answered at once is sent a second time.
 */
export type Carelessness = 'answers for the server' | 'asks again'

/** A server that is there takes a request within this, however loaded the machine is; one that stands still does not. */
const takenMs = 500
/** Less than a slow sync takes. */
const answeredMs = 100

/** Stands between publishers and the server, and breaks the promise that the server keeps: for controls alone. */
export class CarelessGateway {
  readonly #carelessness: Carelessness
  readonly #server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))
  #upstream = ''
  #invented = 0

  private constructor(carelessness: Carelessness) {
    this.#carelessness = carelessness
  }

  static async listen(carelessness: Carelessness): Promise<CarelessGateway> {
    const gateway = new CarelessGateway(carelessness)
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve))
    return gateway
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  forwardTo(url: string): void {
    this.#upstream = url
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const first = this.#forward(incoming, body)
    const answer = this.#carelessness === 'asks again' ? await this.#answerOfTwo(first, incoming, body) : await first
    if (answer !== null && answer.status !== 503) end(outgoing, answer)
    else if (this.#carelessness === 'answers for the server') end(outgoing, this.#invent(body))
    else end(outgoing, answer ?? { status: 503, text: '' })
  }

  async #answerOfTwo(first: Promise<Answer | null>, incoming: IncomingMessage, body: Buffer): Promise<Answer | null> {
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), answeredMs))
    const outcome = await Promise.race([first, late])
    if (outcome !== 'late') return outcome
    const [, second] = await Promise.all([first, this.#forward(incoming, body)])
    return second
  }

  /** Null: the server did not take it, or broke off. The body goes out only to a server that asks for it. */
  #forward(incoming: IncomingMessage, body: Buffer): Promise<Answer | null> {
    const { authorization = '', 'content-type': type = '' } = incoming.headers
    const headers = { authorization, 'content-type': type, 'content-length': body.length, expect: '100-continue' }
    return new Promise((resolve) => {
      const sent = request(`${this.#upstream}${incoming.url}`, { method: 'POST', headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', () => resolve(null))
      })
      const notTaken = setTimeout(() => sent.destroy(), takenMs)
      sent.on('continue', () => {
        clearTimeout(notTaken)
        sent.end(body)
      })
      sent.on('close', () => {
        clearTimeout(notTaken)
        resolve(null)
      })
      sent.on('error', () => resolve(null))
      sent.flushHeaders()
    })
  }

  #invent(body: Buffer): Answer {
    const events = (JSON.parse(body.toString('utf8')) as { id?: string }[]).map(({ id }) => {
      this.#invented += 1
      return { id: id ?? `evt_${this.#invented}`, topic: '', offset: `invented-${this.#invented}`, duplicate: false }
    })
    return { status: 201, text: JSON.stringify({ events }) }
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

function end(outgoing: ServerResponse, { status, text }: Answer): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(text)
}
