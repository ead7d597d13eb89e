import {
  type JsonMember,
  type JsonNode,
  type JsonObject,
  materialize,
  member,
  parseJson,
  withoutCaps,
} from '../json/json.ts'

/**
 * The `fields` grammar of contracts/tripletex.md, which also shapes native `data`:
 *
 *   fields = item *("," item)          spaces are allowed around items
 *   item   = "*" / name / name "(" [fields] ")"
 *   name   = 1*( any character but control characters, white space and , ( ) * )
 *
 * `a,b` gives exactly those keys. `*` is every field of its level. `ref(*)`, or `ref()`, is all of
 * a reference. Several items for one name add up. It goes to any depth, and through lists.
 */
export interface Selection {
  /** `*`: the fields that are not in `names` too, each as if named bare. */
  readonly isAll: boolean
  /** Null: named bare, without parentheses. */
  readonly names: ReadonlyMap<string, Selection | null>
}

export type ParseFieldsResult =
  | { readonly ok: true; readonly selection: Selection }
  | { readonly ok: false; readonly error: FieldsError }

export interface FieldsError {
  readonly code: 'syntax' | 'too_long' | 'too_deep'
  /** UTF-16 units from the start. */
  readonly offset: number
  readonly message: string
}

interface OpenSelection {
  isAll: boolean
  names: Map<string, OpenSelection | null>
}

const nameGrammar = /[^\p{Cc}\s,()*]+/uy
const space = /\s*/y
// JSON is taken no deeper than this either.
const maxDepth = 64

/** Never throws. Blank text is an error: callers that take it for "everything" look first. */
export function parseFields(text: string, { maxLength = 1_000 }: { maxLength?: number } = {}): ParseFieldsResult {
  const fail = (offset: number, message: string, code: FieldsError['code'] = 'syntax'): ParseFieldsResult => ({
    ok: false,
    error: { code, offset, message },
  })
  if (text.length > maxLength) return fail(maxLength, `More than ${maxLength} characters.`, 'too_long')

  const root: OpenSelection = { isAll: false, names: new Map() }
  const open: OpenSelection[] = [root]
  let at = 0
  const skipSpace = () => {
    space.lastIndex = at
    space.test(text)
    at = space.lastIndex
  }
  // Each round reads one item, then whatever may follow it.
  for (;;) {
    const level = open.at(-1)!
    skipSpace()
    nameGrammar.lastIndex = at
    const name = nameGrammar.exec(text)?.[0]
    if (text[at] === '*') {
      level.isAll = true
      at++
    } else if (name !== undefined) {
      at += name.length
      skipSpace()
      const known = level.names.get(name)
      if (text[at] === '(') {
        at++
        if (open.length === maxDepth) return fail(at, `Nested more than ${maxDepth} deep.`, 'too_deep')
        const inner = known ?? { isAll: false, names: new Map() }
        level.names.set(name, inner)
        skipSpace()
        if (text[at] !== ')') {
          open.push(inner)
          continue
        }
        inner.isAll = true
        at++
      } else if (known === undefined) level.names.set(name, null)
    } else return fail(at, at < text.length ? 'Expected a name or "*".' : 'Expected a name or "*", found the end.')

    skipSpace()
    while (text[at] === ')' && open.length > 1) {
      open.pop()
      at++
      skipSpace()
    }
    if (at === text.length) {
      return open.length === 1 ? { ok: true, selection: root } : fail(at, 'A parenthesis is not closed.')
    }
    if (text[at] === ')') return fail(at, 'A parenthesis is closed that was not opened.')
    if (text[at] !== ',') return fail(at, 'Expected ",".')
    at++
  }
}

/** The shortest text that parses to the same selection. */
export function printFields(selection: Selection): string {
  const items = selection.isAll ? ['*'] : []
  for (const [name, inner] of selection.names) items.push(inner ? `${name}(${printFields(inner)})` : name)
  return items.join()
}

/** The fields that an entity may have. Models may refer to each other, and to themselves. */
export type Model = ReadonlyMap<string, FieldModel>

export type FieldModel =
  | { readonly kind: 'scalar' }
  /** Another entity, shown as `{id, url}` unless more is asked for. */
  | { readonly kind: 'reference'; readonly model: Model }
  /** A part of the entity itself, shown whole. */
  | { readonly kind: 'object'; readonly model: Model }
  | { readonly kind: 'list'; readonly of: FieldModel }

export interface FieldsFault {
  /** As `orderLines.product.nonsense`. */
  readonly path: string
  readonly code: 'unknown_field' | 'not_nested'
}

/** Everything in the selection that the model does not have; empty when it fits. */
export function checkFields(selection: Selection, model: Model, path = ''): readonly FieldsFault[] {
  const faults: FieldsFault[] = []
  for (const [name, inner] of selection.names) {
    const here = path ? `${path}.${name}` : name
    const field = model.get(name)
    const nested = field && modelWithin(field)
    if (!field) faults.push({ path: here, code: 'unknown_field' })
    else if (inner && !nested) faults.push({ path: here, code: 'not_nested' })
    else if (inner && nested) faults.push(...checkFields(inner, nested, here))
  }
  return faults
}

/** The model of the objects in a field, through any lists; undefined for scalars. */
function modelWithin(field: FieldModel): Model | undefined {
  let inner = field
  while (inner.kind === 'list') inner = inner.of
  return inner.kind === 'scalar' ? undefined : inner.model
}

export interface ProjectionOptions {
  /**
   * What a field is that is named bare, or comes by `*`: `reference`, as in contracts/tripletex.md, an
   * entity referred to is cut down to its `id` and `url`; `whole`, as natively, everything there is.
   */
  readonly bare: 'reference' | 'whole'
  /** Says which fields are references. Where it is silent, an object that has an `id` is one. */
  readonly model?: Model | undefined
}

/**
 * The selected parts of an entity, as JSON text: digits, escapes and key order are the entity's.
 * A key that is not there stays away; a scalar or null is given whole whatever is asked of it.
 * The entity is a node, or JSON text that was validated before.
 */
export function projectFields(selection: Selection, entity: string | JsonNode, options: ProjectionOptions): string {
  return project(selection, typeof entity === 'string' ? open(entity) : entity, options, options.model)
}

function open(text: string): JsonNode {
  const result = parseJson(text, withoutCaps)
  if (!result.ok) throw new Error(`The entity is not valid JSON: ${result.error.message}`)
  return result.node
}

function project(selection: Selection, node: JsonNode, options: ProjectionOptions, model: Model | undefined): string {
  if (node.kind === 'array') {
    return `[${materialize(node)
      .items.map((item) => project(selection, item, options, model))
      .join()}]`
  }
  if (node.kind !== 'object') return node.text
  return writeMembers(node, ({ key, value }) => {
    const inner = selection.names.get(key)
    if (inner === undefined && !selection.isAll) return undefined
    const field = model?.get(key)
    if (!inner) return options.bare === 'whole' ? value.text : projectBare(value, field)
    return project(inner, value, options, field && modelWithin(field))
  })
}

/** A field without parentheses, in the style `reference`. */
function projectBare(node: JsonNode, field: FieldModel | undefined): string {
  if (node.kind === 'array') {
    const of = field?.kind === 'list' ? field.of : undefined
    return `[${materialize(node)
      .items.map((item) => projectBare(item, of))
      .join()}]`
  }
  if (node.kind !== 'object' || field?.kind === 'scalar') return node.text
  const isReference = field ? field.kind === 'reference' : member(materialize(node, 1), 'id') !== undefined
  if (isReference)
    return writeMembers(node, ({ key, value }) => (key === 'id' || key === 'url' ? value.text : undefined))
  return writeMembers(node, ({ key, value }) => projectBare(value, (field && modelWithin(field))?.get(key)))
}

function writeMembers(node: JsonObject, write: (entry: JsonMember) => string | undefined): string {
  const parts: string[] = []
  for (const entry of materialize(node).members) {
    const text = write(entry)
    if (text !== undefined) parts.push(`${entry.keyText}:${text}`)
  }
  return `{${parts.join()}}`
}
