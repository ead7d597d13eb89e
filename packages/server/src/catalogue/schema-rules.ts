import type { FieldError } from '../core/errors.ts'
import { pointerTo } from '../core/json/json-pointer.ts'
import { compileLinearPattern } from './linear-pattern.ts'

const draft = 'https://json-schema.org/draft/2020-12/schema'
const maxDepth = 32
/** Subschemas tried on one value, references followed: bounds `anyOf` of `anyOf` of … by reference. */
const maxSchemasPerValue = 1_000

// Where schemas stand below a schema. In-place ones judge the same value, the others a part of it.
const inPlaceOne = ['not', 'if', 'then', 'else']
const inPlaceList = ['allOf', 'anyOf', 'oneOf']
const inPlaceMap = ['dependentSchemas']
const partOne = [
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
]
const partList = ['prefixItems']
const partMap = ['properties', 'patternProperties', '$defs', 'definitions']
/** They name schemas in other ways than by their place, and no schema of an event needs that. */
const refused = ['$anchor', '$dynamicAnchor', '$dynamicRef', '$recursiveAnchor', '$recursiveRef', '$vocabulary']

interface Node {
  /** Pointers of the schemas that judge the same value. */
  readonly inPlace: string[]
}

/**
 * What a schema must keep to beyond being one: it is whole in itself (nothing is ever fetched), it
 * ends on every value, and it takes time in proportion to the value.
 */
export function schemaRuleErrors(schema: unknown): FieldError[] {
  const errors: FieldError[] = []
  const nodes = new Map<string, Node>()
  const references: { from: string; to: string }[] = []
  visit(schema, '', 0)

  for (const { from, to } of references) {
    if (nodes.has(to)) nodes.get(from)!.inPlace.push(to)
    else fault(`${from}/$ref`, 'unknown_reference', 'No schema stands at the place that this points to.')
  }
  if (errors.length === 0) errors.push(...endlessness(nodes))
  return errors

  function fault(pointer: string, code: string, detail: string): void {
    errors.push({ pointer, code, detail })
  }

  function visit(value: unknown, pointer: string, depth: number): void {
    if (typeof value === 'boolean' && depth > 0) {
      nodes.set(pointer, { inPlace: [] })
      return
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      fault(pointer, 'invalid_schema', depth === 0 ? 'A schema of `data` is an object.' : 'A schema stands here.')
      return
    }
    if (depth > maxDepth) {
      fault(pointer, 'too_deep', `Schemas stand at most ${maxDepth} deep.`)
      return
    }
    const keywords = value as Record<string, unknown>
    const node: Node = { inPlace: [] }
    nodes.set(pointer, node)
    checkKeywords(keywords, pointer, depth)

    for (const keyword of [...inPlaceOne, ...partOne]) {
      if (!Object.hasOwn(keywords, keyword)) continue
      if (inPlaceOne.includes(keyword)) node.inPlace.push(`${pointer}/${keyword}`)
      visit(keywords[keyword], `${pointer}/${keyword}`, depth + 1)
    }
    for (const keyword of [...inPlaceList, ...partList, ...inPlaceMap, ...partMap]) {
      const inner = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined
      if (typeof inner !== 'object' || inner === null) continue
      for (const [key, each] of Object.entries(inner)) {
        const place = pointerTo(`${pointer}/${keyword}`, key)
        if (inPlaceList.includes(keyword) || inPlaceMap.includes(keyword)) node.inPlace.push(place)
        visit(each, place, depth + 1)
      }
    }
  }

  function checkKeywords(keywords: Record<string, unknown>, pointer: string, depth: number): void {
    for (const keyword of refused)
      if (Object.hasOwn(keywords, keyword))
        fault(`${pointer}/${keyword}`, 'refused_keyword', 'Refer to schemas by their place: `"$ref": "#/$defs/…"`.')
    if (keywords.$id !== undefined && depth > 0)
      fault(`${pointer}/$id`, 'refused_keyword', 'Only the outermost schema may have an `$id`.')
    if (keywords.$schema !== undefined && keywords.$schema !== draft && keywords.$schema !== `${draft}#`)
      fault(`${pointer}/$schema`, 'unsupported_draft', `Schemas are of ${draft}.`)
    if (keywords.$ref !== undefined) {
      const to = localPointer(keywords.$ref)
      if (to !== undefined) references.push({ from: pointer, to })
      else fault(`${pointer}/$ref`, 'remote_reference', 'Nothing is fetched: a `$ref` is `#` or begins with `#/`.')
    }
    // The validator compares objects by calling `valueOf` of the data, which the data may redefine.
    const fixed = [keywords.const, ...(Array.isArray(keywords.enum) ? keywords.enum : [])]
    if (fixed.some((value) => typeof value === 'object' && value !== null))
      fault(pointer, 'unsupported_value', '`const` and `enum` hold strings, numbers, booleans and null.')
    const patterns: [string, unknown][] = [[`${pointer}/pattern`, keywords.pattern]]
    if (typeof keywords.patternProperties === 'object' && keywords.patternProperties !== null)
      for (const pattern of Object.keys(keywords.patternProperties))
        patterns.push([pointerTo(`${pointer}/patternProperties`, pattern), pattern])
    for (const [place, pattern] of patterns) {
      if (typeof pattern !== 'string') continue
      const compiled = compileLinearPattern(pattern)
      if (compiled.kind === 'refused') fault(place, 'unsupported_pattern', compiled.detail)
    }
  }
}

/** The JSON Pointer of `#`, `#/…`; undefined for any other reference. */
function localPointer(reference: unknown): string | undefined {
  if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) return undefined
  try {
    return decodeURIComponent(reference.slice(1))
  } catch {
    return undefined
  }
}

/** A schema that comes back to itself on the same value never ends; one that fans out too far takes too long. */
function endlessness(nodes: ReadonlyMap<string, Node>): FieldError[] {
  const errors: FieldError[] = []
  const counts = new Map<string, number | 'open'>()
  const count = (pointer: string): number => {
    const known = counts.get(pointer)
    if (known === 'open') {
      errors.push({
        pointer,
        code: 'endless_reference',
        detail: 'This schema refers back to itself for the same value, so no value could ever be judged.',
      })
      return 0
    }
    if (known !== undefined) return known
    counts.set(pointer, 'open')
    const total = nodes.get(pointer)!.inPlace.reduce((sum, next) => sum + count(next), 1)
    counts.set(pointer, total)
    return total
  }
  for (const pointer of nodes.keys()) {
    if (count(pointer) <= maxSchemasPerValue || errors.length > 0) continue
    const detail = `References make more than ${maxSchemasPerValue} schemas judge one value.`
    errors.push({ pointer, code: 'too_many_schemas', detail })
  }
  return errors
}
