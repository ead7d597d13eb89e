import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats, { type FormatName } from 'ajv-formats'
import type { FieldError } from '../core/errors.ts'
import { type JsonNode, materialize } from '../core/json/json.ts'
import { pointerTo } from '../core/json/json-pointer.ts'
import type { DataSchema } from './event-type.ts'
import { compileLinearPattern, type LinearPattern } from './linear-pattern.ts'
import { schemaRuleErrors } from './schema-rules.ts'

const maxSchemaLength = 65_536
/** More tell the publisher nothing, and an answer must not grow with hostile data. */
const maxReported = 50
/** Without `regex`, which would compile what a publisher sent. */
const formats: FormatName[] = [
  'date',
  'time',
  'date-time',
  'duration',
  'uri',
  'uri-reference',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
  'json-pointer',
]

/** Faults of a schema for `data`, pointers relative to it; empty when it can be compiled. */
export function checkDataSchema(schema: unknown): FieldError[] {
  const length = JSON.stringify(schema)?.length ?? 0
  if (length > maxSchemaLength)
    return [{ pointer: '', code: 'too_long', detail: 'A schema is at most 65,536 characters of JSON.' }]
  const errors = schemaRuleErrors(schema)
  if (errors.length > 0) return errors
  try {
    compile(schema as DataSchema)
    return []
  } catch (error) {
    // The validator throws plain errors for unknown keywords, unknown formats and keywords of a wrong type.
    return [{ pointer: '', code: 'invalid_schema', detail: `Not a JSON Schema: ${(error as Error).message}.` }]
  }
}

/**
 * A check of `data` by a schema that passed `checkDataSchema`. It judges a copy in which numbers are
 * doubles, so of a number with more digits than a double holds it judges the nearest one; what is
 * stored keeps every digit.
 */
export function compileDataSchema(schema: DataSchema): (data: JsonNode) => FieldError[] {
  const validate = compile(schema)
  return (data) => {
    if (validate(toDoubles(data))) return []
    return (validate.errors ?? []).slice(0, maxReported).map(fieldError)
  }
}

/** Compiling takes milliseconds; a schema is compiled once, however often its catalogue is made anew. */
const compiled = new WeakMap<DataSchema, ValidateFunction>()
/** Made when the first schema is seen: most catalogues have none. */
let validator: Ajv2020 | undefined

function compile(schema: DataSchema): ValidateFunction {
  const known = compiled.get(schema)
  if (known) return known
  validator ??= newValidator()
  // An `$id` would stay registered, and two types may use the same.
  const { $id: _, ...anonymous } = schema
  try {
    const validate = validator.compile(anonymous)
    compiled.set(schema, validate)
    return validate
  } finally {
    validator.removeSchema(anonymous)
  }
}

function newValidator(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    // Unknown keywords and formats are faults; taste in style is not.
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowMatchingProperties: true,
    logger: false,
    code: { regExp: linearEngine },
  })
  addFormats.default(ajv, formats)
  // The original compares each item with each other: hours for a hostile array of 80,000 objects.
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must NOT have duplicate items' },
    validate: (isAsked: boolean, items: unknown[]) =>
      !isAsked || new Set(items.map(comparableText)).size === items.length,
  })
  return ajv
}

const linearEngine = Object.assign(
  (source: string): LinearPattern => {
    const compiled = compileLinearPattern(source)
    if (compiled.kind === 'refused') throw new Error(compiled.detail)
    return compiled.pattern
  },
  // Names the engine in code that the validator writes to files, which is never done here.
  { code: 'linearEngine' },
)

/** Equal for values that JSON Schema holds equal: the order of members does not count. */
function comparableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(comparableText).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${comparableText(item)}`)
  return `{${members.sort().join()}}`
}

/** Objects have no prototype, so that no name of a member finds anything inherited. */
function toDoubles(node: JsonNode): unknown {
  const whole = materialize(node)
  switch (whole.kind) {
    case 'object': {
      const plain = Object.create(null) as Record<string, unknown>
      for (const { key, value } of whole.members) plain[key] = toDoubles(value)
      return plain
    }
    case 'array':
      return whole.items.map(toDoubles)
    case 'number':
      // `1e999` is a number too; infinity would be none to the validator.
      return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(whole.text)))
    case 'string':
    case 'boolean':
      return whole.value
    case 'null':
      return null
  }
  whole satisfies never
}

function fieldError(error: ErrorObject): FieldError {
  const { missingProperty, additionalProperty, unevaluatedProperty, allowedValues } = error.params
  const name = missingProperty ?? additionalProperty ?? unevaluatedProperty
  const pointer = typeof name === 'string' ? pointerTo(error.instancePath, name) : error.instancePath
  const allowed = Array.isArray(allowedValues)
    ? `: ${allowedValues.map((value) => JSON.stringify(value)).join(', ')}`
    : ''
  return { pointer, code: `schema_${error.keyword}`, detail: `By the type's schema it ${error.message}${allowed}.` }
}
