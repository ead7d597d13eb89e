/** Characters of a key that a pointer shows. Pointers are for people: a key of a megabyte is not told back in full. */
const shownLength = 256

/** The JSON Pointer (RFC 6901) of a member or item below `base`; a very long key is cut, and ends in `…`. */
export function pointerTo(base: string, key: string | number): string {
  if (typeof key === 'number') return `${base}/${key}`
  const shown = key.length > shownLength ? `${key.slice(0, shownLength)}…` : key
  return `${base}/${shown.includes('~') || shown.includes('/') ? shown.replaceAll('~', '~0').replaceAll('/', '~1') : shown}`
}
