import { AppError } from '../core/errors.ts'
import { decodeCursor, encodeCursor, type SortKey } from '../core/ids/cursor.ts'

export interface PageRequest {
  /** `next` of the page before; absent: the first page. */
  readonly cursor?: string | null | undefined
  /** 1 to 1,000; 100 when absent. */
  readonly limit?: number | undefined
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

const defaultLimit = 100
const mostItems = 1_000

/** @throws AppError `invalid_request` for a limit out of range */
export function pageLimit({ limit = defaultLimit }: PageRequest): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostItems) return limit
  throw new AppError('invalid_request', `limit must be a whole number from 1 to ${mostItems}`, {
    errors: [{ pointer: '/limit', code: 'out_of_range', detail: `must be from 1 to ${mostItems}` }],
  })
}

/**
 * One page of a list that is ordered by one key.
 *
 * @throws AppError `invalid_request` for a cursor of another list or a limit out of range.
 */
export function pageOf<T, K extends 'string' | 'tenantId'>(
  request: PageRequest,
  list: {
    readonly key: K
    read(after: SortKey[K] | undefined, limit: number): readonly T[]
    keyOf(item: T): SortKey[K]
  },
): Page<T> {
  const limit = pageLimit(request)
  const [after] = request.cursor ? decodeCursor(request.cursor, [list.key]) : []
  const found = list.read(after as never, limit + 1)
  const items = found.slice(0, limit)
  return { items, next: found.length > limit ? encodeCursor([list.keyOf(items.at(-1)!)]) : null }
}
