import { InvalidAnswerError } from './errors.ts'
import type { Http } from './http.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** Goes back as `cursor`; null on the last page. */
  readonly next: string | null
}

export interface PageOptions {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

type Query = { readonly [name: string]: string | number | boolean | undefined }

export function page<T>(http: Http, path: string, query: Query): Promise<Page<T>> {
  return http.json<Page<T>>({ path, query })
}

/** Every item, page after page. */
export async function* everyItem<T>(http: Http, path: string, query: Query = {}): AsyncGenerator<T> {
  let cursor = query.cursor
  do {
    const { items, next } = await page<T>(http, path, { ...query, cursor })
    yield* items
    if (next !== null && next === cursor)
      throw new InvalidAnswerError(`${http.base} names the same page as the next one`)
    cursor = next ?? undefined
  } while (cursor !== undefined)
}
