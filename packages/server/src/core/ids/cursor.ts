import { AppError } from '../errors.ts'
import { jsonText, jsonValue } from '../json/json-text.ts'
import { type TenantId, tenantIdOf } from './tenant-id.ts'

/** What lists are sorted by. */
export interface SortKey {
  string: string
  number: number
  tenantId: TenantId
}
type SortKeyKind = keyof SortKey

const isOf: { readonly [K in SortKeyKind]: (value: unknown) => boolean } = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  tenantId: (value) => tenantIdOf(value) === value,
}

/** Where a list goes on, as an opaque text: the sort keys of the last item shown. */
export function encodeCursor(keys: readonly (string | TenantId)[]): string {
  return Buffer.from(jsonText(keys), 'utf8').toString('base64url')
}

/**
 * The sort keys in a cursor, each of the type that its place in `shape` has.
 *
 * @throws AppError `invalid_request` for a text that this list did not give out.
 */
export function decodeCursor<const S extends readonly SortKeyKind[]>(
  text: string,
  shape: S,
): { readonly [K in keyof S]: SortKey[S[K]] } {
  let keys: unknown
  try {
    keys = jsonValue(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    keys = undefined
  }
  const fits =
    Array.isArray(keys) &&
    keys.length === shape.length &&
    shape.every((kind, index) => isOf[kind](keys[index])) &&
    // Decoding is lenient, and JSON reads `1e999` as a number; a cursor has one spelling, as every text of ours has.
    encodeCursor(keys as readonly (string | TenantId)[]) === text
  if (!fits) {
    throw new AppError('invalid_request', 'This list did not issue the cursor. Leave the cursor out to start again.', {
      errors: [{ pointer: '/cursor', code: 'invalid_cursor', detail: 'must be the `next` of the page before' }],
    })
  }
  return keys as never
}
