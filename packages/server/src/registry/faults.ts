import { AppError, type FieldError, mostFaults } from '../core/errors.ts'
import { isEventPattern } from '../core/event/event-type-pattern.ts'
import { tenantIdIn } from '../core/ids/number-texts.ts'
import { type TenantId, tenantIdRule } from '../core/ids/tenant-id.ts'
import { pointerTo } from '../core/json/json-pointer.ts'
import { parseRfc3339 } from '../core/time/time.ts'

/** A request's body as it was sent. */
export type RequestInput = Readonly<Record<string, unknown>>

const mostPatterns = 1_000

/** Reads a request's fields and gathers everything that is wrong with them. */
export class Faults {
  readonly #found: FieldError[] = []
  readonly #input: RequestInput

  constructor(input: RequestInput, known: readonly string[]) {
    this.#input = input
    for (const name of Object.keys(input)) {
      if (!known.includes(name))
        this.add(name, 'unknown_field', `There is no field of this name; there are ${known.join(', ')}.`)
    }
  }

  add(name: string, code: string, detail: string): undefined {
    this.#found.push({ pointer: pointerTo('', name), code, detail })
    return undefined
  }

  /** The same of a part of a field. @param pointer JSON Pointer into the body */
  addAt(pointer: string, code: string, detail: string): void {
    this.#found.push({ pointer, code, detail })
  }

  isGiven(name: string): boolean {
    return this.#input[name] !== undefined && this.#input[name] !== null
  }

  text(name: string, max: number, isRequired: boolean): string | undefined {
    if (!this.isGiven(name)) return isRequired ? this.add(name, 'required', `\`${name}\` is needed.`) : undefined
    const value = this.#input[name]
    if (typeof value !== 'string') return this.add(name, 'invalid_type', `\`${name}\` must be a string.`)
    if (value.length < 1 || value.length > max) {
      return this.add(name, 'invalid_length', `\`${name}\` must have 1 to ${max} characters.`)
    }
    if (value.includes('\0') || !value.isWellFormed()) {
      return this.add(name, 'invalid_format', `\`${name}\` must not contain U+0000 or half a surrogate pair.`)
    }
    return value
  }

  integer(name: string, min: number, max: number): number | undefined {
    if (!this.isGiven(name)) return undefined
    const value = this.#input[name]
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
    return this.add(name, 'out_of_range', `\`${name}\` must be a whole number from ${min} to ${max}.`)
  }

  tenantId(name: string, isRequired: boolean): TenantId | undefined {
    if (!this.isGiven(name)) return isRequired ? this.add(name, 'required', `\`${name}\` is needed.`) : undefined
    const id = tenantIdIn(this.#input, name)
    if (id === 'no_number') return this.add(name, 'invalid_type', `\`${name}\` must be a number.`)
    if (id === 'no_tenant_id') return this.add(name, 'out_of_range', `\`${name}\` must be ${tenantIdRule}.`)
    return id
  }

  /**
   * A secret that the operator brings along, kept to the letter: nothing is stripped, so an access
   * token is given bare, without `Bearer`.
   */
  secret(name: string): string | undefined {
    const value = this.text(name, 4_096, false)
    if (value === undefined) return undefined
    // Spaces at the ends do not survive a header.
    if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) || value.trim() !== value) {
      return this.add(name, 'invalid_format', `\`${name}\` must be printable, without spaces at its ends.`)
    }
    return value
  }

  time(name: string): string | undefined {
    const value = this.text(name, 64, false)
    if (value === undefined || parseRfc3339(value)) return value
    return this.add(name, 'invalid_format', `\`${name}\` must be an RFC 3339 time, as 2026-01-31T12:00:00Z.`)
  }

  patterns(name: string): readonly string[] | undefined {
    if (!this.isGiven(name)) return undefined
    const value = this.#input[name]
    if (!Array.isArray(value)) return this.add(name, 'invalid_type', `\`${name}\` must be a list of event patterns.`)
    if (value.length < 1 || value.length > mostPatterns) {
      return this.add(
        name,
        'invalid_length',
        `\`${name}\` must have 1 to ${mostPatterns} patterns; leave it out for every type.`,
      )
    }
    value.forEach((pattern, index) => {
      if (typeof pattern === 'string' && isEventPattern(pattern)) return
      this.#found.push({
        pointer: pointerTo(pointerTo('', name), index),
        code: 'invalid_format',
        detail: 'A pattern is `*`, `invoice.*` or `invoice.updated`.',
      })
    })
    return value as string[]
  }

  /** @throws AppError `invalid_request` with everything that was found. */
  refuse(): void {
    if (this.#found.length === 0) return
    throw new AppError('invalid_request', 'The request has faults. Correct them and send it again.', {
      errors: this.#found.slice(0, mostFaults),
    })
  }
}
