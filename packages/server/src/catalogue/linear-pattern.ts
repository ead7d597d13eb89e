import { RE2JS, RE2JSException } from 're2js'

export interface LinearPattern {
  test(text: string): boolean
  /** The source: the validator tells patterns apart by it. */
  toString(): string
}

export type LinearPatternResult =
  | { readonly kind: 'compiled'; readonly pattern: LinearPattern }
  | { readonly kind: 'refused'; readonly detail: string }

/**
 * A regular expression that is matched in time linear in the text, by an RE2 engine: a backtracking
 * engine can be held for hours by a short text and a pattern as `(a+)+$`. The price: no
 * back-references and no look-around, repetitions up to 1,000, `\s` and `\w` are ASCII.
 */
export function compileLinearPattern(source: string): LinearPatternResult {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(source))
    return { kind: 'compiled', pattern: { test: (text) => compiled.test(text), toString: () => source } }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return {
      kind: 'refused',
      detail: `Not a pattern of the RE2 syntax (no look-around, no back-references): ${error.message}.`,
    }
  }
}
