import { AppError } from '../../core/errors.ts'

/** A webhook has six attributes. */
const mostPairs = 1_000

/**
 * The body of a form, as Rails reads it: `webhook[url]=…` is `{webhook: {url: …}}`. Deeper brackets
 * and names that are no plain words are left out: no attribute has them.
 *
 * @throws AppError `malformed_request` for more pairs than any form of ours has
 */
export function readForm(text: string): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  if (text.split('&', mostPairs + 1).length > mostPairs) {
    throw new AppError('malformed_request', `A form may have up to ${mostPairs} pairs.`)
  }
  for (const [name, value] of new URLSearchParams(text)) {
    const match = /^([a-z_]{1,32})(?:\[([a-z_]{1,32})\])?$/.exec(name)
    const [, outer, inner] = match ?? []
    if (outer === undefined || outer.startsWith('__')) continue
    if (inner === undefined) body[outer] = value
    else if (!inner.startsWith('__')) {
      const nested = body[outer]
      body[outer] = { ...(typeof nested === 'object' ? nested : {}), [inner]: value }
    }
  }
  return body
}
