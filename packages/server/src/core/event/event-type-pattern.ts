/**
 * Event types and the patterns that select them.
 *
 *   type    = part "." part                      the entity, then what happened: `invoice.updated`
 *   part    = letter *( letter / digit / "_" / "-" )     ASCII; letter case counts: `closeGroup.create`
 *   pattern = "*" / part ".*" / type
 *
 * A type is at most 255 long. An entity of several words joins them with `-`, `_` or a capital.
 */
const typeGrammar = /^[a-zA-Z][a-zA-Z0-9_-]*\.[a-zA-Z][a-zA-Z0-9_-]*$/
const patternGrammar = /^(?:\*|[a-zA-Z][a-zA-Z0-9_-]*\.(?:\*|[a-zA-Z][a-zA-Z0-9_-]*))$/
const maxLength = 255

export function isEventType(text: string): boolean {
  return text.length <= maxLength && typeGrammar.test(text)
}

export function isEventPattern(text: string): boolean {
  return text.length <= maxLength && patternGrammar.test(text)
}

export function matchesPattern(pattern: string, type: string): boolean {
  if (pattern === '*' || pattern === type) return true
  return pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))
}

/** All patterns that select a type. */
export function patternsOf(type: string): readonly string[] {
  return [type, `${type.slice(0, type.indexOf('.'))}.*`, '*']
}

/** Whether every type that `narrow` selects is one that `wide` selects; null selects everything. */
export function coversPatterns(wide: readonly string[] | null, narrow: readonly string[] | null): boolean {
  if (wide === null || wide.includes('*')) return true
  return narrow?.every((pattern) => wide.some((other) => matchesPattern(other, pattern))) ?? false
}

/** Patterns of the types that both select; null selects everything. */
export function commonPatterns(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null) return b
  if (b === null) return a
  const narrower = (one: readonly string[], other: readonly string[]) =>
    one.filter((pattern) => coversPatterns(other, [pattern]))
  return [...new Set([...narrower(a, b), ...narrower(b, a)])]
}

/** Whether a type matches one of the patterns. Costs the same for one pattern as for a thousand. */
export function compilePatterns(patterns: Iterable<string>): (type: string) => boolean {
  const types = new Set<string>()
  const entities = new Set<string>()
  for (const pattern of patterns) {
    if (pattern === '*') return () => true
    if (pattern.endsWith('.*')) entities.add(pattern.slice(0, -2))
    else types.add(pattern)
  }
  if (entities.size === 0) return (type) => types.has(type)
  return (type) => types.has(type) || entities.has(type.slice(0, type.indexOf('.')))
}
