/** Filters stand in the address. What is not a text there is no filter. */
export function textsOf<Name extends string>(
  names: readonly Name[],
): (search: Record<string, unknown>) => { [Key in Name]?: string } {
  return (search) => {
    const texts: { [Key in Name]?: string } = {}
    for (const name of names) {
      const value = search[name]
      // The router reads `tenant=29302` as a number.
      if (typeof value === 'string' && value !== '') texts[name] = value
      if (typeof value === 'number' || typeof value === 'boolean') texts[name] = String(value)
    }
    return texts
  }
}

/** The query of an address as it was typed: `a=1` stays text, with every digit. */
export function parseSearch(text: string): Record<string, unknown> {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text === '' ? '' : `?${text}`
}
