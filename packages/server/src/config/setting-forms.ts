import { type Static, type TSchema, Type } from 'typebox'
import { readBySchema } from './schema/schema-reading.ts'
import { wholeNumber } from './schema/whole-number.ts'

/** The form of a setting: how it is written as a text, what of that is right, and what the server makes of it. */
export interface SettingForm<T> {
  /** @param report takes what is wrong with it */
  read(text: string, report: (detail: string) => void): T | undefined
}

/**
 * @param plain what a text stands for, for the schema to judge: the text itself where it stands for nothing
 * @param made of what is right
 */
function form<S extends TSchema, T>(
  schema: S,
  plain: (text: string) => unknown,
  made: (value: Static<S>) => T,
): SettingForm<T> {
  return {
    read(text, report) {
      let isRight = true
      const value = readBySchema(schema, plain(text), (_, detail) => {
        isRight = false
        report(detail)
      })
      return isRight ? made(value) : undefined
    },
  }
}

const same = <T>(value: T): T => value

export function integer(minimum: number, maximum: number): SettingForm<number> {
  return form(wholeNumber(minimum, maximum), toInteger, same)
}

export function integers(minimum: number, maximum: number): SettingForm<readonly number[]> {
  const fault = `must be whole numbers from ${minimum} to ${maximum}`
  return form(Type.Array(Type.Integer({ minimum, maximum }), { fault }), (text) => items(text).map(toInteger), same)
}

export function text(minLength: number): SettingForm<string> {
  return form(Type.String({ minLength, fault: 'must not be empty' }), same, same)
}

export function choice<const T extends string>(choices: readonly T[]): SettingForm<T> {
  const fault = choices.length === 2 ? `must be ${choices.join(' or ')}` : `must be one of ${choices.join(', ')}`
  return form(Type.Enum([...choices], { fault }), same, (value) => value as T)
}

export function boolean(): SettingForm<boolean> {
  return form(Type.Boolean({ fault: 'must be true or false' }), (text) => switches.get(text) ?? text, same)
}

/** A text that `made` understands; what it throws says what is allowed. */
export function textAs<T>(made: (text: string) => T): SettingForm<T> {
  return form(Type.String({ fault: faultOf(made) }), same, made)
}

/** As `textAs`, of each item of a list. */
export function textsAs<T>(made: (text: string) => T): SettingForm<readonly T[]> {
  const fault = faultOf((texts) => (texts as unknown as readonly string[]).map(made))
  return form(Type.Array(Type.String(), { fault }), items, (texts) => texts.map(made))
}

function faultOf(made: (text: string) => unknown): (value: unknown) => string | undefined {
  return (value) => {
    try {
      made(value as string)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }
}

const switches = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off', ''].map((word) => [word, false] as const),
])

function toInteger(text: string): unknown {
  return /^-?\d+$/.test(text.trim()) ? Number(text) : text
}

function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
