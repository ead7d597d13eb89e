import type { ErrorCode } from '../../../core/errors.ts'
import type { TenantId } from '../../../core/ids/tenant-id.ts'
import type { Synchronous } from './log-database.ts'

/** What the main thread and the log's workers say to each other. Buffers are moved, not copied. */

/** An `AppError` on its way between threads. */
export interface ThreadRefusal {
  readonly code: ErrorCode
  readonly message: string
  readonly retryAfterSeconds: number | undefined
}

export interface WriterOptions {
  readonly directory: string
  readonly synchronous: Synchronous
  /** Publishers' ids kept in memory before they become a run on disk. */
  readonly idRunSize: number
}

/** The appends of one commit, see `commit-request.ts`. */
export interface CommitRequest {
  readonly nowMs: number
  /** Events of each append. */
  readonly counts: readonly number[]
  readonly topics: readonly string[]
  readonly types: readonly string[]
  /** The publishers' ids, one after the other. */
  readonly ids: string
  /** `fieldsPerEvent` numbers an event. */
  readonly fields: Float64Array
  /** `entityKey`, `head`, `tail` of each event. */
  readonly text: Uint8Array
}

export interface CommitResult {
  readonly appendedAtMs: number
  readonly latest: number
  /** A place an event: its position; negative: the position of the event that it repeats; 0: its append was refused. */
  readonly places: Float64Array
  /** The appends refused because ids of theirs belong to other events: their number, and which of their events. */
  readonly refused: readonly { readonly append: number; readonly indexes: readonly number[] }[]
  readonly durationMs: number
}

export type ToWriter =
  | { readonly kind: 'commit'; readonly request: CommitRequest }
  | { readonly kind: 'drop'; readonly timeMs: number }
  | { readonly kind: 'find'; readonly id: string; readonly tenantIds: readonly TenantId[] }
  | { readonly kind: 'close' }

export type FromWriter =
  | { readonly kind: 'opened'; readonly epoch: number; readonly earliest: number; readonly latest: number }
  | { readonly kind: 'not-opened'; readonly refusal: ThreadRefusal }
  /** Answers come in the order of the requests. */
  | { readonly kind: 'committed'; readonly result: CommitResult }
  | { readonly kind: 'commit-failed'; readonly refusal: ThreadRefusal }
  | { readonly kind: 'dropped'; readonly earliest: number; readonly count: number; readonly isDone: boolean }
  | { readonly kind: 'drop-failed'; readonly refusal: ThreadRefusal }
  /** One question is asked at a time. */
  | { readonly kind: 'found'; readonly positions: readonly number[] }
  | { readonly kind: 'find-failed'; readonly refusal: ThreadRefusal }

export interface RowsRequest {
  readonly after: number
  readonly until: number
  readonly topics: readonly string[] | null
  readonly maxBytes: number
  readonly maxEvents: number
}

/** A batch's row; its body is the next `length` bytes of the reply's bodies. */
export interface BatchRow {
  readonly segment: number
  readonly base: number
  readonly topic: string
  readonly appendedAtMs: number
  readonly length: number
}

export interface RowsResult {
  /** All rows of each segment that has any. */
  readonly rows: readonly BatchRow[]
  readonly bodies: Uint8Array
  /** There is nothing after these rows up to `until`. */
  readonly isEnd: boolean
}

export interface AtRequest {
  /** Ascending. */
  readonly positions: readonly number[]
  /** Bytes of bodies at which the reply ends. */
  readonly maxBytes: number
}

export interface AtResult {
  readonly rows: readonly BatchRow[]
  readonly bodies: Uint8Array
  /** So many of the positions, the first ones, were looked for. */
  readonly done: number
}

export type ToReader =
  | { readonly kind: 'rows'; readonly number: number; readonly request: RowsRequest }
  | { readonly kind: 'at'; readonly number: number; readonly request: AtRequest }
  | { readonly kind: 'position-before'; readonly number: number; readonly timeMs: number }
  | { readonly kind: 'close' }

export type FromReader =
  | { readonly kind: 'rows'; readonly number: number; readonly result: RowsResult }
  | { readonly kind: 'at'; readonly number: number; readonly result: AtResult }
  | { readonly kind: 'position-before'; readonly number: number; readonly position: number | null }
  | { readonly kind: 'failed'; readonly number: number; readonly refusal: ThreadRefusal }
