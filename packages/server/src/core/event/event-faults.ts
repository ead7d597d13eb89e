import type { FieldError } from '../errors.ts'
import type { JsonNode } from '../json/json.ts'
import { pointerTo } from '../json/json-pointer.ts'

export type EventFaultCode =
  | 'required'
  | 'unknown_field'
  | 'invalid_type'
  | 'invalid_length'
  | 'invalid_format'
  | 'out_of_range'
  | 'unknown_type'
  | 'unknown_tenant'
  | 'conflict'
  | 'duplicate_key'
  | 'too_large'

// Every fault of an event is told at once, but an event made of faults must not make an answer
// many times its own size.
const maxFaults = 100

/** Gathers what is wrong with one value and the values within it. */
export class EventFaults {
  readonly found: FieldError[] = []
  readonly #pointer: string

  constructor(pointer: string) {
    this.#pointer = pointer
  }

  /** `path` leads from the event to the faulty value. */
  add(path: readonly (string | number)[], code: EventFaultCode, detail: string): undefined {
    this.adopt(path, [{ pointer: '', code, detail }])
    return undefined
  }

  /** Takes over faults whose pointers are relative to the value at `path`. */
  adopt(path: readonly (string | number)[], errors: readonly FieldError[]): void {
    const base = path.reduce<string>(pointerTo, this.#pointer)
    for (const error of errors) {
      if (this.found.length < maxFaults) this.found.push({ ...error, pointer: base + error.pointer })
    }
  }

  /** The string, or undefined and a fault. `min` and `max` count characters (code points). */
  string(name: string, node: JsonNode, min: number, max: number): string | undefined {
    if (node.kind !== 'string') return this.add([name], 'invalid_type', `\`${name}\` must be a string.`)
    const { value } = node
    if (value.length < min || (value.length > max && [...value.slice(0, 2 * max + 1)].length > max)) {
      return this.add([name], 'invalid_length', `\`${name}\` must have ${min} to ${max} characters.`)
    }
    // Text that neither a database column nor UTF-8 can hold would not come back as it was published.
    if (value.includes('\0') || !value.isWellFormed()) {
      return this.add([name], 'invalid_format', `\`${name}\` must not contain U+0000 or half a surrogate pair.`)
    }
    return value
  }
}
