/** The JSON Pointer (RFC 6901) of a member or item below `base`. */
export function pointerTo(base: string, key: string | number): string {
  if (typeof key === 'number') return `${base}/${key}`
  return `${base}/${key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key}`
}
