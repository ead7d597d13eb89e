import { remembered } from '../collection/remembered.ts'
import { compilePatterns } from './event-type-pattern.ts'

/** Which event types a grant shows. */
export interface VisibleTypes {
  /** The same for grants that show the same types. */
  readonly key: string
  allows(type: string): boolean
}

export const everyType: VisibleTypes = { key: '*', allows: () => true }

/** Tokens share few sets of patterns, so each set is compiled once. */
const compiled = remembered<VisibleTypes>(10_000, (key) => ({ key, allows: compilePatterns(JSON.parse(key)) }))
/** Records are asked about for every event, and making a key costs more than the answer. */
const ofRecord = new WeakMap<readonly string[], VisibleTypes>()

/** @param types event patterns; null: everything. */
export function visibleTypes(types: readonly string[] | null): VisibleTypes {
  if (types === null) return everyType
  let made = ofRecord.get(types)
  if (!made) {
    made = types.includes('*') ? everyType : compiled(JSON.stringify([...new Set(types)].sort()))
    ofRecord.set(types, made)
  }
  return made
}

/** What any of them shows. */
export function unionOfTypes(all: readonly (readonly string[] | null)[]): VisibleTypes {
  return visibleTypes(all.some((types) => types === null) ? null : all.flatMap((types) => types ?? []))
}

/** What either shows. */
export function unionOf(a: VisibleTypes | undefined, b: VisibleTypes): VisibleTypes {
  if (a === undefined || b.key === everyType.key) return b
  if (a.key === b.key || a.key === everyType.key) return a
  const key = JSON.stringify([a.key, b.key].sort())
  return { key, allows: (type) => a.allows(type) || b.allows(type) }
}
