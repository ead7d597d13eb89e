import type { JsonNode } from './json-node.ts'
import { type JsonError, type ParseOptions, Scanner } from './json-scanner.ts'

export interface ItemOptions extends ParseOptions {
  /** UTF-16 units that an item may have, white space included. */
  readonly maxItemLength: number
}

export type NextItem =
  /** `end`: where the item ends in the text. */
  | { readonly kind: 'item'; readonly node: JsonNode; readonly end: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'fault'; readonly error: JsonError }

/**
 * The items of a text that is one JSON array, one at a time, so that a long one is read with pauses and
 * never in memory as a whole. Items before a fault have been given when it is found: take nothing for
 * good before `end`.
 */
export class JsonItems {
  readonly #text: string
  readonly #options: ItemOptions
  #at: number
  #count = 0
  #members = 0
  #isOver = false

  /** Undefined: the text is no array. */
  static of(text: string, options: ItemOptions): JsonItems | undefined {
    const start = afterSpace(text, 0)
    return text[start] === '[' ? new JsonItems(text, options, start + 1) : undefined
  }

  private constructor(text: string, options: ItemOptions, at: number) {
    this.#text = text
    this.#options = options
    this.#at = at
  }

  /** Items given. */
  get count(): number {
    return this.#count
  }

  next(): NextItem {
    if (this.#isOver) return { kind: 'end' }
    const at = afterSpace(this.#text, this.#at)
    const isFirst = this.#count === 0
    if (this.#text[at] === ']') return this.#end(at + 1)
    if (isFirst) return this.#item(at)
    return this.#text[at] === ',' ? this.#item(afterSpace(this.#text, at + 1)) : this.#syntax('"," or "]"', at)
  }

  #item(at: number): NextItem {
    const { maxDepth = 64, maxMembers = Number.POSITIVE_INFINITY, maxItemLength } = this.#options
    const scanner = new Scanner(
      this.#text,
      { ...this.#options, maxDepth: maxDepth - 1, maxMembers: maxMembers - this.#members - 1 },
      { start: at, limit: at + maxItemLength },
    )
    const node = scanner.value()
    if (!node) return { kind: 'fault', error: scanner.error() }
    this.#members += scanner.members + 1
    this.#count += 1
    this.#at = scanner.end
    return { kind: 'item', node, end: scanner.end }
  }

  #end(after: number): NextItem {
    this.#isOver = true
    const rest = afterSpace(this.#text, after)
    if (rest === this.#text.length) return { kind: 'end' }
    return this.#fault('trailing', 'There is more after the end of the JSON value.', rest)
  }

  #syntax(expected: string, offset: number): NextItem {
    const found = offset < this.#text.length ? JSON.stringify(this.#text[offset]) : 'the end'
    return this.#fault('syntax', `Expected ${expected}, found ${found}.`, offset)
  }

  #fault(code: JsonError['code'], message: string, offset: number): NextItem {
    return { kind: 'fault', error: { code, message, offset, pointer: '' } }
  }
}

function afterSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at
    at += 1
  }
}
