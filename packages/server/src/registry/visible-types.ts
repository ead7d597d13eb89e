import { compilePatterns } from '../core/event-type-pattern.ts'
import { remembered } from '../core/remembered.ts'

/** What a grant shows. */
export interface VisibleTypes {
  /** The same for grants that show the same types. */
  readonly key: string
  allows(type: string): boolean
}

const everyType: VisibleTypes = { key: '*', allows: () => true }

/** Tokens share few sets of patterns, so each set is compiled once. */
const compiled = remembered<VisibleTypes>(10_000, (key) => ({ key, allows: compilePatterns(JSON.parse(key)) }))

/** @param types event patterns; null: everything. */
export function visibleTypes(types: readonly string[] | null): VisibleTypes {
  if (types === null || types.includes('*')) return everyType
  return compiled(JSON.stringify([...new Set(types)].sort()))
}

/** What any of them shows. */
export function unionOfTypes(all: readonly (readonly string[] | null)[]): VisibleTypes {
  return visibleTypes(all.some((types) => types === null) ? null : all.flatMap((types) => types ?? []))
}
