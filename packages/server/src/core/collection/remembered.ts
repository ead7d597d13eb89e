/**
 * `make`, with its last results kept by their text: for what is costly to make and asked for again
 * with every delivery (decoded keys, parsed selections). The oldest goes first, so memory is
 * bounded however many texts there are.
 */
export function remembered<T>(capacity: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = make(text)
    if (known.size >= capacity) known.delete(known.keys().next().value!)
    known.set(text, made)
    return made
  }
}
