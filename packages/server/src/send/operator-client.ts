import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { userAgent } from './http1/user-agent.ts'

/** A question to a server that the operator named in the configuration. */
export interface OperatorQuestion {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Whole, from the connection to the last byte. */
  readonly timeoutMs: number
}

export type OperatorAnswer =
  /** `bytes`: the body, of status 200 alone; of other statuses nothing is read. */
  | { readonly kind: 'answered'; readonly status: number; readonly bytes: Buffer }
  | { readonly kind: 'failed'; readonly reason: string }

export interface OperatorClientLimits {
  readonly connectionsPerOrigin: number
  /** Of an answer: one that is longer has failed. */
  readonly bodyBytes: number
}

/**
 * Asks the operator's own servers: the application for its entities, an authority about a token. Their addresses
 * are the operator's, often internal, and stand in no guard's list; a URL of an integrator never comes here. So Node's
 * own client does, with connections apart from those to endpoints. No redirects: a secret goes where it was meant
 * to and nowhere else. No cookies, no proxy of the environment, no decompression.
 */
export class OperatorClient {
  readonly #limits: OperatorClientLimits
  readonly #plain: PlainAgent
  readonly #tls: TlsAgent

  constructor(limits: OperatorClientLimits) {
    this.#limits = limits
    const options = { keepAlive: true, maxSockets: limits.connectionsPerOrigin }
    this.#plain = new PlainAgent(options)
    this.#tls = new TlsAgent({ ...options, rejectUnauthorized: true })
  }

  /** Never throws. */
  async ask(question: OperatorQuestion): Promise<OperatorAnswer> {
    const signal = AbortSignal.timeout(question.timeoutMs)
    try {
      return await this.#exchange(question, signal)
    } catch (error) {
      const { name, code } = error as { name?: string; code?: string }
      const reason = signal.aborted || name === 'TimeoutError' ? 'timeout' : (code?.toLowerCase() ?? 'failed')
      return { kind: 'failed', reason }
    }
  }

  close(): void {
    this.#plain.destroy()
    this.#tls.destroy()
  }

  #exchange(question: OperatorQuestion, signal: AbortSignal): Promise<OperatorAnswer> {
    return new Promise((resolve, reject) => {
      const request = this.#request(question, signal)
      request.once('response', (response) => this.#read(response).then(resolve, reject))
      request.once('error', (error: NodeJS.ErrnoException) => {
        // A kept connection was closed as the request was on its way: once more, on another.
        const isRace = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
        if (isRace && !signal.aborted) this.#exchange(question, signal).then(resolve, reject)
        else reject(error)
      })
      request.end(question.body)
    })
  }

  #request({ method, url, headers, body }: OperatorQuestion, signal: AbortSignal): ClientRequest {
    const isTls = url.startsWith('https:')
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const all = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': userAgent,
      ...headers,
      ...length,
    }
    return (isTls ? tlsRequest : plainRequest)(url, {
      ...{ method, headers: all, signal },
      agent: isTls ? this.#tls : this.#plain,
    })
  }

  async #read(response: IncomingMessage): Promise<OperatorAnswer> {
    const status = response.statusCode ?? 0
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of response) {
      // Read to its end all the same, so that the connection is of use again, but no further than the cap.
      bytes += (chunk as Buffer).length
      if (bytes > this.#limits.bodyBytes) {
        response.destroy()
        return status === 200
          ? { kind: 'failed', reason: 'too_long' }
          : { kind: 'answered', status, bytes: Buffer.alloc(0) }
      }
      if (status === 200) chunks.push(chunk as Buffer)
    }
    return { kind: 'answered', status, bytes: Buffer.concat(chunks) }
  }
}
