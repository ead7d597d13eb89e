import { compareDecimals, decimalKey } from '../json/decimal.ts'
import type { JsonArray, JsonBoolean, JsonNode, JsonNull, JsonNumber, JsonObject, JsonString } from '../json/json.ts'

/** What a filter looks at: a node, or a field of the event that is kept by itself. */
export type FilterValue =
  | Pick<JsonString, 'kind' | 'value'>
  | Pick<JsonNumber, 'kind' | 'text'>
  | Pick<JsonBoolean, 'kind' | 'value'>
  | Pick<JsonNull, 'kind'>
  | JsonObject
  | JsonArray

/** A node that stands for itself in a comparison. */
export type ScalarNode = JsonString | JsonNumber | JsonBoolean | JsonNull

export function isScalar(node: JsonNode): node is ScalarNode {
  return node.kind !== 'object' && node.kind !== 'array'
}

/** Tests one value that is no list. */
export type ValueTest = (value: FilterValue) => boolean

/** Brings a string into the form in which it is compared; undefined: it cannot be compared. */
export type ReadString = (text: string) => string | undefined

/** Equal to one of the operands: numbers by value, strings as `read` gives them. */
export function isOneOf(operands: readonly ScalarNode[], read: ReadString): ValueTest {
  const strings = new Set<string | undefined>()
  const numbers = new Set<string>()
  const words = new Set<boolean | null>()
  for (const operand of operands) {
    if (operand.kind === 'string') strings.add(read(operand.value))
    else if (operand.kind === 'number') numbers.add(decimalKey(operand.text))
    else words.add(operand.kind === 'null' ? null : operand.value)
  }
  strings.delete(undefined)
  return (value) => {
    switch (value.kind) {
      case 'string':
        return strings.size > 0 && strings.has(read(value.value))
      case 'number':
        return numbers.size > 0 && numbers.has(decimalKey(value.text))
      case 'boolean':
        return words.has(value.value)
      case 'null':
        return words.has(null)
      case 'object':
      case 'array':
        return false
    }
    value satisfies never
  }
}

export const orders = {
  $gt: (order: number) => order > 0,
  $gte: (order: number) => order >= 0,
  $lt: (order: number) => order < 0,
  $lte: (order: number) => order <= 0,
} as const satisfies Record<string, (order: number) => boolean>

/** Ordered against a number (as decimals) or a string (by UTF-16 units); other kinds never match. */
export function isOrdered(
  operand: JsonNumber | JsonString,
  holds: (order: number) => boolean,
  read: ReadString,
): ValueTest {
  if (operand.kind === 'number') {
    return (value) => value.kind === 'number' && holds(compareDecimals(value.text, operand.text))
  }
  const bound = read(operand.value) ?? ''
  return (value) => {
    const text = value.kind === 'string' ? read(value.value) : undefined
    return text !== undefined && holds(text < bound ? -1 : text > bound ? 1 : 0)
  }
}

export const textTests = {
  $startsWith: (text: string, part: string) => text.startsWith(part),
  $endsWith: (text: string, part: string) => text.endsWith(part),
  $contains: (text: string, part: string) => text.includes(part),
} as const satisfies Record<string, (text: string, part: string) => boolean>
