/** A refusal of the server (RFC 9457), or that the server could not be asked. */
export class Problem extends Error {
  /** 0: no answer came. */
  readonly status: number
  /** The server's code; `unreachable` when no answer came. */
  readonly code: string
  readonly faults: readonly Fault[]

  constructor(status: number, code: string, detail: string, faults: readonly Fault[] = []) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.faults = faults
  }
}

export interface Fault {
  /** JSON Pointer into the request. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

interface ProblemBody {
  readonly code?: unknown
  readonly detail?: unknown
  readonly errors?: readonly Fault[]
}

/** A dialect's own routes refuse in that system's shape: then its text is the detail. */
export function problemOf(status: number, text: string): Problem {
  try {
    const { code, detail, errors } = JSON.parse(text) as ProblemBody
    if (typeof code === 'string' && typeof detail === 'string') return new Problem(status, code, detail, errors)
  } catch {
    // Not JSON: a proxy's page, or a dialect's text.
  }
  return new Problem(status, `http_${status}`, text.slice(0, 500))
}
