import { utf8 } from '../hmac.ts'
import type { WebhookAnswer } from '../webhook-contract.ts'
import { type EndpointTerms, parsedBefore, tooLarge } from './endpoint-terms.ts'

/** As much of Node's `IncomingMessage` as is used, and what Express and its kind add to it. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined }
  readonly readableEnded: boolean
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'end' | 'close' | 'error', listener: () => void): unknown
  pause(): unknown
  destroy(): unknown
}

/** As much of Node's `ServerResponse` as is used. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(text: string, done: () => void): unknown
}

export type NodeHandler = (request: NodeRequest, response: NodeResponse) => Promise<void>

export function nodeHandler(terms: EndpointTerms): NodeHandler {
  return async (request, response) => {
    let answer: WebhookAnswer
    try {
      const body = await rawBody(request, terms.maxBodyBytes)
      // The sender left before its body was whole: nobody is there to be answered.
      if (body === 'gone') return
      const { method = 'GET', url = '/', headers } = request
      answer = body === 'too_large' ? tooLarge : await terms.answer({ method, url, headers, body })
    } catch (error) {
      answer = terms.fail(error)
    }
    const headers = {
      ...(answer.body !== undefined && { 'content-type': 'text/plain; charset=utf-8' }),
      ...answer.headers,
    }
    response.writeHead(answer.status, headers)
    response.end(answer.body ?? '', () => {
      if (answer === tooLarge) request.destroy()
    })
  }
}

/** The bytes as they came: from what kept them (`express.raw()`, a `rawBody`), else from the request itself. */
async function rawBody(request: NodeRequest, maxBytes: number): Promise<Uint8Array | 'too_large' | 'gone'> {
  const { rawBody: kept, body: parsed } = request as { rawBody?: unknown; body?: unknown }
  for (const bytes of [kept, parsed]) {
    if (bytes instanceof Uint8Array) return bytes
    // `express.text()`.
    if (typeof bytes === 'string') return utf8(bytes)
  }
  if (request.readableEnded)
    throw parsedBefore('Mount the receiver before express.json(), or put express.raw({ type: "*/*" }) on its path.')
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let length = 0
    request.on('data', (chunk) => {
      length += chunk.length
      if (length <= maxBytes) return void chunks.push(chunk)
      request.pause()
      resolve('too_large')
    })
    request.on('end', () => resolve(concatenated(chunks, length)))
    for (const event of ['error', 'close'] as const) request.on(event, () => resolve('gone'))
  })
}

export function concatenated(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
