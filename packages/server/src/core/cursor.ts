import { AppError } from './errors.ts'

/** Where a list goes on, as an opaque text: the sort keys of the last item shown. */
export function encodeCursor(keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(keys), 'utf8').toString('base64url')
}

/**
 * The sort keys in a cursor, each of the type that its place in `shape` has.
 *
 * @throws AppError `invalid_request` for a text that this list did not give out.
 */
export function decodeCursor<const S extends readonly ('string' | 'number')[]>(
  text: string,
  shape: S,
): { readonly [K in keyof S]: S[K] extends 'string' ? string : number } {
  let keys: unknown
  try {
    keys = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    keys = undefined
  }
  const fits =
    Array.isArray(keys) && keys.length === shape.length && shape.every((type, index) => typeof keys[index] === type)
  if (!fits) {
    throw new AppError('invalid_request', 'the cursor is not one that this list gave; leave it out to start again', {
      errors: [{ pointer: '/cursor', code: 'invalid_cursor', detail: 'must be the `next` of the page before' }],
    })
  }
  return keys as never
}
