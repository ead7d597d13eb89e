/** One fault in a request. `pointer` is a JSON Pointer (RFC 6901) into the body, as `/0/tenantId`. */
export interface FieldError {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** Everything that this package throws on purpose. `code` is stable and made for programs. */
export class TidingsError extends Error {
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
  }
}

/** The server answered and said no: an RFC 9457 problem. */
export class RefusedError extends TidingsError {
  readonly status: number
  /** Every fault of the request, when the refusal is about its body. */
  readonly errors: readonly FieldError[]
  /** Seconds after which trying again makes sense, 1 to 86,400, when the server said so. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    status: number,
    problem: { code: string; message: string; errors?: readonly FieldError[]; retryAfterSeconds?: number | undefined },
  ) {
    super(problem.code, problem.message)
    this.status = status
    this.errors = problem.errors ?? []
    this.retryAfterSeconds = problem.retryAfterSeconds
  }
}

/** One line of a stream of events was refused. The others are not affected by it. */
export class RefusedLineError extends TidingsError {
  /** From 1 on. */
  readonly line: number
  /** What the server says of the line as a whole. */
  readonly detail: string
  /** Every fault of the line; `pointer` is into its event. */
  readonly errors: readonly FieldError[]

  constructor(line: number, { code, detail, errors }: { code: string; detail: string; errors: readonly FieldError[] }) {
    super(code, `line ${line}: ${causeOf(detail, errors)}`)
    this.line = line
    this.detail = detail
    this.errors = errors
  }

  toJSON(): object {
    const { code, detail, errors } = this
    return { code, detail, errors }
  }
}

function causeOf(detail: string, errors: readonly FieldError[]): string {
  if (errors.length === 0) return detail
  return errors.map((error) => (error.pointer === '' ? error.detail : `${error.pointer} ${error.detail}`)).join('; ')
}

/**
 * No answer came. `code` is `unreachable` (nothing was listening, no such host, the connection broke)
 * or `timeout`; `reason` is the system's name for it where there is one, as `ECONNREFUSED`.
 */
export class UnreachableError extends TidingsError {
  readonly reason: string | undefined

  constructor(code: 'unreachable' | 'timeout', message: string, reason?: string, cause?: unknown) {
    super(code, message, cause)
    this.reason = reason
  }
}

/** Something answered that is not Tidings, or an answer was cut off. */
export class InvalidAnswerError extends TidingsError {
  constructor(message: string, cause?: unknown) {
    super('invalid_answer', message, cause)
  }
}

export type SignatureFault = 'missing_header' | 'invalid_timestamp' | 'too_old' | 'too_new' | 'no_match' | 'invalid_key'

/** A webhook that must not be believed: answer it with 400 and do nothing. */
export class SignatureError extends TidingsError {
  declare readonly code: SignatureFault

  constructor(code: SignatureFault, message: string) {
    super(code, message)
  }
}
