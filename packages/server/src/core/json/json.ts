import { exactNumber } from './decimal.ts'
import type { JsonArray, JsonNode, JsonObject } from './json-node.ts'
import { type JsonError, type ParseOptions, Scanner } from './json-scanner.ts'

export type {
  JsonArray,
  JsonBoolean,
  JsonMember,
  JsonNode,
  JsonNull,
  JsonNumber,
  JsonObject,
  JsonString,
} from './json-node.ts'

export type ParseResult =
  | { readonly ok: true; readonly node: JsonNode }
  | { readonly ok: false; readonly error: JsonError }

/** Never throws, takes time in proportion to the text, and stops at the first fault. */
export function parseJson(text: string, options: ParseOptions = {}): ParseResult {
  const scanner = new Scanner(text, options)
  const node = scanner.document()
  return node ? { ok: true, node } : { ok: false, error: scanner.error() }
}

/** The same for a text that may have so many UTF-16 units; of a longer one no more than that is looked at. */
export function parseJsonUpTo(text: string, maxLength: number, options: ParseOptions = {}): ParseResult {
  const scanner = new Scanner(text, options, { start: 0, limit: maxLength })
  const node = scanner.document()
  return node ? { ok: true, node } : { ok: false, error: scanner.error() }
}

/** For text that was checked when it came in: only the stack still has its cap. */
export const withoutCaps = {
  maxDepth: 1_000,
  maxMembers: Number.POSITIVE_INFINITY,
  maxWidth: Number.POSITIVE_INFINITY,
} as const satisfies ParseOptions

/** For the body of a resource: far above any that there is, and refused before it costs anything. */
export const resourceCaps = { maxDepth: 32, maxMembers: 20_000, maxWidth: 1_000 } as const satisfies ParseOptions

/** The value of a member, if the node is an object that has it. */
export function member(node: JsonNode, key: string): JsonNode | undefined {
  if (node.kind !== 'object') return undefined
  for (const entry of node.members) if (entry.key === key) return entry.value
  return undefined
}

/** The node with its members or items, though it was left opaque; containers `levels` below it may stay so. */
export function materialize(node: JsonObject, levels?: number): JsonObject
export function materialize(node: JsonArray, levels?: number): JsonArray
export function materialize(node: JsonNode, levels?: number): JsonNode
export function materialize(node: JsonNode, levels = Number.POSITIVE_INFINITY): JsonNode {
  if ((node.kind !== 'object' && node.kind !== 'array') || !node.isOpaque) return node
  const result = parseJson(node.text, { ...withoutCaps, materializeDepth: levels })
  if (!result.ok) throw new Error(`An opaque node was changed after it was validated: ${result.error.message}`)
  return result.node
}

/**
 * Plain JavaScript values. A number becomes a `number` when that prints the same decimal value
 * again, and otherwise its text as a string, so that no digit is lost without being seen.
 */
export function toPlain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object': {
      const plain: Record<string, unknown> = {}
      for (const { key, value } of materialize(node).members) {
        // Assigning `__proto__` would change the prototype; defining it makes an ordinary member.
        if (key !== '__proto__') plain[key] = toPlain(value)
        else
          Object.defineProperty(plain, key, {
            value: toPlain(value),
            enumerable: true,
            configurable: true,
            writable: true,
          })
      }
      return plain
    }
    case 'array':
      return materialize(node).items.map(toPlain)
    case 'string':
    case 'boolean':
      return node.value
    case 'number':
      return exactNumber(node.text) ?? node.text
    case 'null':
      return null
  }
  node satisfies never
}

/** Valid JSON text with every non-ASCII character as a `\u` escape (such can stand only within strings). */
export function asciiJson(text: string): string {
  return nonAscii.test(text) ? text.replace(everyNonAscii, escapeUnit) : text
}
const nonAscii = /[\u0080-\uffff]/
const everyNonAscii = /[\u0080-\uffff]/g
const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
