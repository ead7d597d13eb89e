/**
 * The body of a form, as Rails reads it: `webhook[url]=…` is `{webhook: {url: …}}`. Deeper brackets
 * and names that are no plain words are left out: no attribute has them.
 */
export function readForm(text: string): Record<string, unknown> {
  const body: Record<string, unknown> = {}
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
