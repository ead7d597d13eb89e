import { retryDelayMs } from './backoff.ts'
import { type Clock, longestTimerMs, systemClock } from './clock.ts'
import { type FieldError, InvalidAnswerError, RefusedError, UnreachableError } from './errors.ts'
import { fromJson, toJson } from './json-text.ts'
import { retryAfterSeconds } from './retry-after.ts'

export interface ConnectionOptions {
  /** Where the server is, as `https://tidings.example.com`. */
  readonly url: string
  /** An operator's or publisher's key, or an access token: it goes as `Authorization: Bearer`. */
  readonly key?: string | undefined
  /** With `clientSecret`: an integration, for all tenants that granted it. */
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** Milliseconds until the answer's headers, above 0; default 30,000. A long poll's `wait` comes on top. */
  readonly timeoutMs?: number | undefined
  /** Tries of a request that can be repeated safely, from 1 on; default 4. */
  readonly maxAttempts?: number | undefined
  /** Another `fetch`, as of a proxy or a test. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Another time than the system's, as of a test. */
  readonly clock?: Clock | undefined
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: { readonly [name: string]: string | number | boolean | undefined }
  /** Written as JSON by {@link toJson}. */
  readonly body?: unknown
  /** Sent as it is, with its type. */
  readonly content?: { readonly type: string; readonly body: string | ReadableStream<Uint8Array> }
  readonly headers?: { readonly [name: string]: string }
  /** Repeating it does no harm. Default: only GET. */
  readonly isRepeatable?: boolean
  readonly extraTimeMs?: number
  readonly signal?: AbortSignal | undefined
}

const retriedStatuses = new Set([429, 502, 503, 504])

/** One server, one identity. */
export class Http {
  readonly #base: string
  readonly #authorization: string | undefined
  readonly #timeoutMs: number
  readonly #maxAttempts: number
  readonly #fetch: typeof globalThis.fetch
  /** For loops that wait on their own. */
  readonly clock: Clock

  constructor(options: ConnectionOptions) {
    this.#base = baseOf(options.url)
    this.#authorization = authorizationOf(options)
    this.#timeoutMs = options.timeoutMs ?? 30_000
    this.#maxAttempts = options.maxAttempts ?? 4
    if (!(this.#timeoutMs > 0)) throw new TypeError('timeoutMs must be a number of milliseconds above 0')
    if (!(this.#maxAttempts >= 1)) throw new TypeError('maxAttempts must be a number from 1 on')
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis)
    this.clock = options.clock ?? systemClock
  }

  /** A parsed answer, as {@link fromJson} reads it; undefined when it has no body. */
  async json<T>(request: HttpRequest): Promise<T> {
    const text = await this.text(request)
    if (text === '') return undefined as T
    try {
      return fromJson(text) as T
    } catch (error) {
      throw new InvalidAnswerError(`${this.#base} did not answer with JSON: is it a Tidings server?`, error)
    }
  }

  async text(request: HttpRequest): Promise<string> {
    const deadline = new AbortController()
    const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal
    const response = await this.send({ ...request, signal })
    // The headers have come; the body of an answer that is read whole does not take for ever either.
    const timer = setTimeout(() => deadline.abort(), Math.min(this.#timeoutMs, longestTimerMs))
    try {
      return await response.text()
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      if (deadline.signal.aborted)
        throw new UnreachableError(
          'timeout',
          `${this.#base} did not end its answer within ${this.#timeoutMs / 1_000} s`,
        )
      throw this.#unreachable(error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** An answer of the 200s. Repeats what may be repeated, heeding Retry-After. */
  async send(request: HttpRequest): Promise<Response> {
    const isRepeatable = request.isRepeatable ?? (request.method ?? 'GET') === 'GET'
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sendOnce(request)
      } catch (error) {
        if (!isRepeatable || attempt >= this.#maxAttempts || !isPassing(error)) throw error
        await this.clock.pause(retryDelayMs(error, attempt), request.signal)
      }
    }
  }

  async #sendOnce(request: HttpRequest): Promise<Response> {
    const url = new URL(`${this.#base}${request.path}`)
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const headers: Record<string, string> = { accept: 'application/json', ...request.headers }
    if (this.#authorization) headers.authorization = this.#authorization
    const content =
      request.content ??
      (request.body === undefined ? undefined : { type: 'application/json', body: toJson(request.body) })
    if (content) headers['content-type'] = content.type
    // The timer guards the wait for headers only: a stream's body may take for ever.
    const deadline = new AbortController()
    const limitMs = Math.min(this.#timeoutMs + (request.extraTimeMs ?? 0), longestTimerMs)
    const timer = setTimeout(() => deadline.abort(), limitMs)
    const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal
    let response: Response
    try {
      response = await this.#fetch(url, {
        method: request.method ?? 'GET',
        headers,
        signal,
        redirect: 'error',
        ...(content && { body: content.body }),
        ...(content && typeof content.body !== 'string' && { duplex: 'half' }),
      } as RequestInit)
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      if (deadline.signal.aborted)
        throw new UnreachableError('timeout', `${this.#base} did not answer within ${limitMs / 1_000} s`)
      throw this.#unreachable(error)
    } finally {
      clearTimeout(timer)
    }
    if (response.ok) return response
    throw await refusalOf(response, this.#base, this.clock.now())
  }

  #unreachable(error: unknown): UnreachableError {
    return unreachable(error, this.#base)
  }

  /** For errors while a body is read or written. */
  get base(): string {
    return this.#base
  }
}

export function unreachable(error: unknown, base: string): UnreachableError {
  const reason = reasonOf(error)
  return new UnreachableError('unreachable', `cannot reach ${base}${reason ? ` (${reason})` : ''}`, reason, error)
}

/** `fetch` says only "fetch failed"; what happened is in the causes. */
function reasonOf(error: unknown): string | undefined {
  let deepest: string | undefined
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof AggregateError && at.errors[0]) return reasonOf(at.errors[0])
    if ('code' in at && typeof at.code === 'string') return at.code
    deepest = at.message
  }
  return deepest
}

/** No answer, or one that says to come back. */
export function isPassing(error: unknown): boolean {
  return error instanceof UnreachableError || (error instanceof RefusedError && retriedStatuses.has(error.status))
}

async function refusalOf(response: Response, base: string, nowMs: number): Promise<Error> {
  const text = await response.text().catch(() => '')
  const retryAfter = retryAfterSeconds(response.headers.get('retry-after'), nowMs)
  try {
    const problem = JSON.parse(text) as { code?: string; detail?: string; title?: string; errors?: FieldError[] }
    if (typeof problem.code === 'string')
      return new RefusedError(response.status, {
        code: problem.code,
        message: problem.detail ?? problem.title ?? problem.code,
        errors: problem.errors ?? [],
        retryAfterSeconds: retryAfter,
      })
  } catch {
    // Not a problem document: a proxy, or not Tidings at all.
  }
  if (retriedStatuses.has(response.status))
    return new RefusedError(response.status, {
      code: 'overloaded',
      message: `${base} answered ${response.status}`,
      retryAfterSeconds: retryAfter,
    })
  return new InvalidAnswerError(`${base} answered ${response.status} without a problem: is it a Tidings server?`)
}

function baseOf(url: string): string {
  const parsed = new URL(url)
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    throw new TypeError(`the server's address must begin with http:// or https://, not ${parsed.protocol}//`)
  return parsed.origin + parsed.pathname.replace(/\/+$/, '')
}

function authorizationOf(options: ConnectionOptions): string | undefined {
  if (options.clientId !== undefined) {
    const bytes = new TextEncoder().encode(`${options.clientId}:${options.clientSecret ?? ''}`)
    return `Basic ${btoa(String.fromCharCode(...bytes))}`
  }
  return options.key === undefined ? undefined : `Bearer ${options.key}`
}
