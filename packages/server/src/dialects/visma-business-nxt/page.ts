import { decodeCursor, encodeCursor } from '../../core/ids/cursor.ts'

/** One page of a list, by `?cursor=` and `?limit=`. */
export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  query: unknown,
): { readonly items: readonly T[]; readonly next: string | null } {
  const { cursor, limit } = query as { cursor?: string; limit?: string }
  const size = Number(limit ?? 100)
  const [after] = cursor === undefined ? [] : decodeCursor(cursor, ['string'])
  // Ids sort by the time they were made.
  const rest = after === undefined ? all : all.filter(({ id }) => id > after)
  const items = rest.slice(0, size)
  return { items, next: rest.length > size ? encodeCursor([items.at(-1)!.id]) : null }
}
