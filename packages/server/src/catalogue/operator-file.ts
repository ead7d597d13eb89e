import { isCollection, LineCounter, type Node, parseDocument } from 'yaml'
import type { FieldError } from '../core/errors.ts'
import type { Catalogue } from './catalogue.ts'
import { readDefinition } from './definition.ts'
import type { EventTypeDefinition } from './event-type.ts'

/** A fault with its place in the file; lines count from 1. */
export interface LineError extends FieldError {
  readonly line: number
}

export type OperatorFileResult =
  | { readonly kind: 'read'; readonly catalogue: Catalogue; readonly definitions: readonly EventTypeDefinition[] }
  | { readonly kind: 'refused'; readonly errors: readonly LineError[] }

/**
 * Reads the operator's event types, the list `eventTypes` of `tidings.yaml`, onto a catalogue.
 * Other parts of the file are not looked at. Every fault is told at once, with its line.
 *
 * @param dialects the dialects there are; any is let through when absent
 */
export function readOperatorFile(
  text: string,
  catalogue: Catalogue,
  dialects?: ReadonlySet<string>,
): OperatorFileResult {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, stringKeys: true })
  const lineAt = (offset: number | undefined) => lines.linePos(offset ?? 0).line
  if (document.errors.length > 0)
    return {
      kind: 'refused',
      errors: document.errors.map((error) => ({
        pointer: '',
        code: error.code === 'DUPLICATE_KEY' ? 'duplicate_key' : 'invalid_yaml',
        detail: `${error.message}.`.replace(/\.\.$/, '.'),
        line: lineAt(error.pos[0]),
      })),
    }

  const withLine = (error: FieldError): LineError => ({
    ...error,
    line: lineAt(offsetOf(document.contents, error.pointer)),
  })
  let root: unknown
  try {
    // Few aliases may be followed: a small file of nested aliases unfolds to gigabytes.
    root = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    const detail = `The file cannot be read: ${(error as Error).message}.`
    return { kind: 'refused', errors: [{ pointer: '', code: 'invalid_yaml', detail, line: 1 }] }
  }
  const list = isObject(root) ? root.eventTypes : undefined
  if (list === undefined || list === null) return { kind: 'read', catalogue, definitions: [] }
  if (!Array.isArray(list)) {
    const detail = '`eventTypes` is a list of event types.'
    return { kind: 'refused', errors: [withLine({ pointer: '/eventTypes', code: 'invalid_type', detail })] }
  }

  const errors: FieldError[] = []
  const definitions: EventTypeDefinition[] = []
  for (const [index, entry] of list.entries()) {
    const result = readDefinition(entry, dialects)
    if (result.kind === 'valid') definitions.push(result.definition)
    else errors.push(...result.errors.map((error) => ({ ...error, pointer: `/${index}${error.pointer}` })))
  }
  // Indexes of what follows are those of the file only when every entry was read.
  const change = errors.length === 0 ? catalogue.change(definitions) : undefined
  if (change?.kind === 'changed') return { kind: 'read', catalogue: change.catalogue, definitions }
  return {
    kind: 'refused',
    errors: [...errors, ...(change?.errors ?? [])].map((error) =>
      withLine({ ...error, pointer: `/eventTypes${error.pointer}` }),
    ),
  }
}

/** Where the value at a JSON Pointer begins; of what is missing, where its nearest holder begins. */
function offsetOf(contents: Node | null, pointer: string): number | undefined {
  let node: unknown = contents
  let offset = contents?.range?.[0]
  for (const token of pointer.split('/').slice(1)) {
    if (!isCollection(node)) break
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    const next = node.get(/^\d+$/.test(key) && !node.has(key) ? Number(key) : key, true) as Node | undefined
    if (!next) break
    node = next
    offset = next.range?.[0] ?? offset
  }
  return offset
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
