import type { FieldError } from '../errors.ts'
import { type JsonNode, materialize, parseJson } from '../json/json.ts'
import { pointerTo } from '../json/json-pointer.ts'
import { toUtcSevenDigits } from '../time/time.ts'
import { all, any, condition, type EventFilter, never, not } from './filter-condition.ts'
import { type FieldName, type FieldPath, fieldKinds, pathFault, someNode, someValue } from './filter-fields.ts'
import {
  isOneOf,
  isOrdered,
  isScalar,
  orders,
  type ReadString,
  type ScalarNode,
  textTests,
} from './filter-operators.ts'

export type ParseFilterResult =
  | { readonly ok: true; readonly filter: EventFilter }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

export type FilterFaultCode =
  | 'invalid_json'
  | 'invalid_type'
  | 'unknown_field'
  | 'unknown_operator'
  | 'empty'
  | 'too_large'
  | 'too_deep'

const maxLength = 16 * 1024
const maxDepth = 16
const maxConditions = 100
const maxOperands = 1_000

/**
 * A subscription's filter: a JSON match on event fields. All of an object's members must hold.
 *
 *   filter    = { *member }                              `{}` matches every event
 *   member    = path ":" ( scalar / list / filter )
 *             / "$and" ":" [ 1*filter ] / "$or" ":" [ 1*filter ] / "$not" ":" filter
 *             / operator ":" operand                     within the filter of a field
 *   path      = name *("." name)
 *
 *   {"type": "invoice.updated", "data.total": {"$gte": 1000.00, "$lt": 5000}}
 *   {"data": {"status": ["paid", "sent"], "customer": {"country": {"$ne": "SE"}}}}
 *   {"$or": [{"actor": {"$exists": false}}, {"$not": {"actor": {"$startsWith": "sync-"}}}]}
 *
 * Fields: `type`, `topic`, `tenantId`, `timestamp` (also `time`), `entityId`, `id`, `version`, `state`,
 * `actor`; into `data` and `attributes` by path; `keys` and `changed` by the name of the pair, as
 * `keys.OrderNo`. A nested object means the same as a dotted path. A list on the way, or at the end,
 * means any of its items.
 *
 * A scalar means `$eq`, a list `$in`. `$eq $ne $in $nin` take scalars; `$gt $gte $lt $lte` a number or a
 * string; `$startsWith $endsWith $contains` a string; `$exists` true or false. Only values of one kind
 * compare: numbers as decimals, to the last digit; strings by their UTF-16 units; `timestamp` as a
 * moment, to 100 ns. A field that is not there is equal to nothing, null included, so that of all
 * comparisons only `$ne` and `$nin` hold for it.
 *
 * Caps: 16 KiB of text, 16 levels, 100 conditions, 1,000 operands.
 *
 * Never throws; tells all faults. `pointer` is where the filter stands in the request.
 */
export function parseFilter(input: string | JsonNode, pointer = ''): ParseFilterResult {
  const reader = new FilterReader()
  const text = typeof input === 'string' ? input : input.text
  if (text.length > maxLength) {
    reader.fail(pointer, 'too_large', `A filter may have ${maxLength} characters.`)
    return { ok: false, errors: reader.errors }
  }
  const parsed = parseJson(text)
  if (!parsed.ok) {
    reader.fail(pointer + parsed.error.pointer, 'invalid_json', parsed.error.message)
    return { ok: false, errors: reader.errors }
  }
  const filter = reader.filter(parsed.node, [], pointer, 0)
  return reader.errors.length === 0 ? { ok: true, filter } : { ok: false, errors: reader.errors }
}

class FilterReader {
  readonly errors: FieldError[] = []
  #conditions = 0
  #operands = 0

  fail(pointer: string, code: FilterFaultCode, detail: string): EventFilter {
    // The caps bound how many faults there can be.
    this.errors.push({ pointer, code, detail })
    return never
  }

  filter(node: JsonNode, path: FieldPath, pointer: string, depth: number): EventFilter {
    if (node.kind !== 'object') return this.fail(pointer, 'invalid_type', 'A filter must be a JSON object.')
    if (depth >= maxDepth) return this.fail(pointer, 'too_deep', `A filter may be ${maxDepth} levels deep.`)
    const { members } = materialize(node)
    if (members.length === 0 && depth > 0) return this.fail(pointer, 'empty', 'There is no condition here.')
    return all(members.map(({ key, value }) => this.#member(key, value, path, pointerTo(pointer, key), depth)))
  }

  #member(key: string, value: JsonNode, path: FieldPath, pointer: string, depth: number): EventFilter {
    if (key.startsWith('$')) return this.#operator(key, value, path, pointer, depth)
    const inner = [...path, ...key.split('.')]
    const fault = pathFault(inner)
    if (fault) return this.fail(pointer, 'unknown_field', fault)
    if (value.kind === 'object') return this.filter(value, inner, pointer, depth + 1)
    return this.#condition(value.kind === 'array' ? '$in' : '$eq', value, inner, pointer)
  }

  #operator(key: string, value: JsonNode, path: FieldPath, pointer: string, depth: number): EventFilter {
    switch (key) {
      case '$and':
      case '$or': {
        if (value.kind !== 'array') return this.fail(pointer, 'invalid_type', `\`${key}\` takes a list of filters.`)
        if (value.items.length === 0) return this.fail(pointer, 'empty', `\`${key}\` needs at least one filter.`)
        const filters = value.items.map((item, index) => this.filter(item, path, pointerTo(pointer, index), depth + 1))
        return key === '$and' ? all(filters) : any(filters)
      }
      case '$not':
        return not(this.filter(value, path, pointer, depth + 1), value)
      default:
        if (path.length === 0)
          return this.fail(pointer, 'unknown_operator', 'This stands in no field, or is no operator.')
        return this.#condition(key, value, path, pointer)
    }
  }

  #condition(operator: string, operand: JsonNode, path: FieldPath, pointer: string): EventFilter {
    if (++this.#conditions === maxConditions + 1) {
      this.fail(pointer, 'too_large', `A filter may have ${maxConditions} conditions.`)
    }
    if (this.#conditions > maxConditions) return never
    if (operator === '$exists') {
      if (operand.kind !== 'boolean') return this.fail(pointer, 'invalid_type', '`$exists` takes true or false.')
      const exists = operand.value
      return condition((event) => someNode(event, path, () => true) === exists, path, operator, operand)
    }
    const [name = ''] = path
    const isTime = name === 'timestamp' || name === 'time'
    const read: ReadString = isTime ? toUtcSevenDigits : (text) => text
    switch (operator) {
      case '$eq':
      case '$ne':
      case '$in':
      case '$nin': {
        const isList = operator === '$in' || operator === '$nin'
        if (isList !== (operand.kind === 'array')) {
          return this.fail(
            pointer,
            'invalid_type',
            `\`${operator}\` takes ${isList ? 'a list of scalars' : 'a scalar'}.`,
          )
        }
        const operands = this.#scalars(operand.kind === 'array' ? operand.items : [operand], path, isTime, pointer)
        if (!operands) return never
        const matches = someValue(path, isOneOf(operands, read))
        const isPositive = operator === '$eq' || operator === '$in'
        return condition(isPositive ? matches : (event) => !matches(event), path, operator, operand)
      }
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte': {
        const [bound] = this.#scalars([operand], path, isTime, pointer) ?? []
        if (!bound) return never
        if (bound.kind === 'number' || bound.kind === 'string') {
          return condition(someValue(path, isOrdered(bound, orders[operator], read)), path, operator, operand)
        }
        return this.fail(pointer, 'invalid_type', `\`${operator}\` takes a number or a string.`)
      }
      case '$startsWith':
      case '$endsWith':
      case '$contains': {
        const [part] = this.#scalars([operand], path, false, pointer) ?? []
        if (!part) return never
        if (part.kind !== 'string') return this.fail(pointer, 'invalid_type', `\`${operator}\` takes a string.`)
        const holds = textTests[operator]
        const test = someValue(path, (value) => value.kind === 'string' && holds(value.value, part.value))
        return condition(test, path, operator, operand)
      }
      default:
        return this.fail(pointer, 'unknown_operator', 'There is no such operator.')
    }
  }

  /** The operands, if each is a scalar that the field can have. */
  #scalars(
    nodes: readonly JsonNode[],
    path: FieldPath,
    isTime: boolean,
    pointer: string,
  ): readonly ScalarNode[] | undefined {
    this.#operands += nodes.length
    if (this.#operands > maxOperands) {
      this.fail(pointer, 'too_large', `A filter may have ${maxOperands} operands.`)
      return undefined
    }
    if (nodes.length === 0) {
      this.fail(pointer, 'empty', 'An empty list matches nothing.')
      return undefined
    }
    const kinds: 'nested' | readonly string[] = fieldKinds[path[0] as FieldName]
    if (kinds === 'nested' && path.length === 1) {
      this.fail(
        pointer,
        'invalid_type',
        `\`${path[0]}\` has no value of its own: name a field within it, or use \`$exists\`.`,
      )
      return undefined
    }
    const scalars: ScalarNode[] = []
    for (const node of nodes) {
      if (!isScalar(node)) this.fail(pointer, 'invalid_type', 'Only scalars can be compared.')
      else if (kinds !== 'nested' && !kinds.includes(node.kind)) {
        this.fail(pointer, 'invalid_type', `\`${path[0]}\` is always a ${kinds.join(' or a ')}.`)
      } else if (isTime && node.kind === 'string' && toUtcSevenDigits(node.value) === undefined) {
        this.fail(pointer, 'invalid_type', '`timestamp` compares with RFC 3339 times.')
      } else scalars.push(node)
    }
    return scalars.length === nodes.length ? scalars : undefined
  }
}
