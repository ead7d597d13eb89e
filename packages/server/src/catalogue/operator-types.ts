import type { FieldError } from '../core/errors.ts'
import type { Catalogue } from './catalogue.ts'
import { readDefinition } from './definition.ts'
import type { EventTypeDefinition } from './event-type.ts'

export type OperatorTypesResult =
  | { readonly kind: 'added'; readonly catalogue: Catalogue }
  /** Pointers begin with the index in the list. */
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[] }

/**
 * Adds the event types of an operator to a catalogue, and changes those that are there already; all or none, with
 * every fault at once.
 *
 * @param list plain JSON values, not checked yet
 * @param dialects the dialects there are; any is let through when absent
 */
export function addOperatorTypes(
  catalogue: Catalogue,
  list: readonly unknown[],
  dialects?: ReadonlySet<string>,
): OperatorTypesResult {
  const errors: FieldError[] = []
  const definitions: EventTypeDefinition[] = []
  for (const [index, entry] of list.entries()) {
    const result = readDefinition(entry, dialects)
    if (result.kind === 'valid') definitions.push(result.definition)
    else errors.push(...result.errors.map((error) => ({ ...error, pointer: `/${index}${error.pointer}` })))
  }
  // Indexes of what follows are those of the list only when every entry was read.
  if (errors.length > 0) return { kind: 'refused', errors }
  const change = catalogue.change(definitions)
  return change.kind === 'changed' ? { kind: 'added', catalogue: change.catalogue } : change
}
