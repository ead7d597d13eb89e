import type { JsonNode } from '../json/json.ts'
import { type FieldPath, type FilteredEvent, someNode } from './filter-fields.ts'
import type { FilterValue } from './filter-operators.ts'

/** A filter, or a part of one: whether an event meets it, and, asked for separately, what the event lacks. */
export interface EventFilter {
  (event: FilteredEvent): boolean
  /** The conditions that the event does not meet, as `data.total $gte 1000 (the event has 12.5)`; none: it meets all. */
  unmet(event: FilteredEvent): readonly string[]
}

type Test = (event: FilteredEvent) => boolean

/** Of texts in an explanation: enough to recognise a value by. */
const maxShown = 120

/** One comparison of a field. */
export function condition(test: Test, path: FieldPath, operator: string, operand: JsonNode): EventFilter {
  return withUnmet(test, (event) => {
    if (test(event)) return []
    return [`${path.join('.')} ${operator} ${shortened(operand.text)} (${foundAt(event, path)})`]
  })
}

/** Every one of the filters must hold. */
export function all(filters: readonly EventFilter[]): EventFilter {
  const [only, second] = filters
  if (only && !second) return only
  return withUnmet(
    (event) => filters.every((filter) => filter(event)),
    (event) => filters.flatMap((filter) => filter.unmet(event)),
  )
}

/** One of the filters must hold. */
export function any(filters: readonly EventFilter[]): EventFilter {
  const test: Test = (event) => filters.some((filter) => filter(event))
  return withUnmet(test, (event) =>
    test(event) ? [] : [`$or: ${filters.map((filter) => filter.unmet(event).join(' and ')).join(', nor ')}`],
  )
}

export function not(filter: EventFilter, node: JsonNode): EventFilter {
  return withUnmet(
    (event) => !filter(event),
    (event) => (filter(event) ? [`$not ${shortened(node.text)} (the event is like that)`] : []),
  )
}

/** What stands for a part of a filter that has faults. */
export const never: EventFilter = withUnmet(
  () => false,
  () => [],
)

/** Each test is a function of its own, made for this filter, so that it can carry its explanation at no cost for matching. */
function withUnmet(test: Test, unmet: EventFilter['unmet']): EventFilter {
  return Object.assign(test, { unmet })
}

function foundAt(event: FilteredEvent, path: FieldPath): string {
  const found: string[] = []
  someNode(event, path, (value) => {
    found.push(textOf(value))
    return false
  })
  return found.length === 0 ? 'the event has no such field' : `the event has ${shortened(found.join(', '))}`
}

function textOf(value: FilterValue): string {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.value)
    case 'boolean':
      return String(value.value)
    case 'null':
      return 'null'
    case 'number':
    case 'object':
    case 'array':
      return value.text
  }
  value satisfies never
  return ''
}

function shortened(text: string): string {
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)}…`
}
