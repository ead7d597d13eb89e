import type { TakenNames } from './type-names.ts'
import { comment, inParentheses, intersection, literal, type MemberText, objectText, union } from './type-text.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** What no schema describes. Declared in the written file. */
export const anyObject = 'JsonObject'

/**
 * The TypeScript of a JSON Schema (draft 2020-12, whole in itself). What TypeScript cannot say is left out: ranges,
 * lengths, patterns, formats, `not`, conditions. An object of a schema that allows members beyond those it names is
 * written without them, so that a misspelled one is noticed.
 */
export class SchemaTypes {
  readonly #root: JsonSchema
  readonly #name: string
  readonly #names: TakenNames
  readonly #declarations: string[] = []
  /** Names of what is referred to, by pointer. */
  readonly #references = new Map<string, string>()

  /** @param name of the root's type */
  constructor(root: JsonSchema, name: string, names: TakenNames) {
    this.#root = root
    this.#name = name
    this.#names = names
    this.#references.set('#', name)
  }

  /** Declarations of the root and of everything that it refers to. */
  declarations(): readonly string[] {
    const type = this.#typeOf(this.#root)
    this.#declare(this.#name, type, this.#root.description)
    return this.#declarations
  }

  #declare(name: string, type: string, description: unknown): void {
    this.#declarations.push([...comment(description), `export type ${name} = ${type}`].join('\n'))
  }

  #typeOf(schema: unknown): string {
    if (schema === false) return 'never'
    if (!isSchema(schema)) return 'unknown'
    const parts = [this.#ownType(schema)]
    if (typeof schema.$ref === 'string') parts.push(this.#reference(schema.$ref))
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const choices = schema[keyword]
      if (Array.isArray(choices)) parts.push(union(choices.map((choice) => this.#typeOf(choice))))
    }
    if (Array.isArray(schema.allOf)) parts.push(...schema.allOf.map((each) => this.#typeOf(each)))
    const told = parts.filter((part) => part !== 'unknown')
    return told.length === 0 ? 'unknown' : intersection(told)
  }

  #ownType(schema: JsonSchema): string {
    if (Object.hasOwn(schema, 'const')) return literal(schema.const)
    if (Array.isArray(schema.enum)) return schema.enum.length === 0 ? 'never' : union(schema.enum.map(literal))
    const { type } = schema
    if (typeof type === 'string') return this.#typeNamed(type, schema)
    if (Array.isArray(type)) return union(type.map((each) => this.#typeNamed(String(each), schema)))
    if (['properties', 'required', 'additionalProperties'].some((keyword) => Object.hasOwn(schema, keyword)))
      return this.#object(schema)
    if (Object.hasOwn(schema, 'items') || Object.hasOwn(schema, 'prefixItems')) return this.#array(schema)
    return 'unknown'
  }

  #typeNamed(name: string, schema: JsonSchema): string {
    switch (name) {
      case 'object':
        return this.#object(schema)
      case 'array':
        return this.#array(schema)
      case 'integer':
        return 'number'
      case 'string':
      case 'number':
      case 'boolean':
      case 'null':
        return name
      default:
        return 'unknown'
    }
  }

  #object(schema: JsonSchema): string {
    const properties = isSchema(schema.properties) ? schema.properties : {}
    const required = new Set(Array.isArray(schema.required) ? schema.required.map(String) : [])
    const members: MemberText[] = Object.entries(properties).map(([name, property]) => ({
      name,
      type: this.#typeOf(property),
      isOptional: !required.delete(name),
      description: isSchema(property) ? property.description : undefined,
    }))
    // Required, and described nowhere.
    for (const name of required) members.push({ name, type: 'unknown' })
    return this.#withOthers(members, schema)
  }

  #withOthers(members: readonly MemberText[], schema: JsonSchema): string {
    const { additionalProperties: others, patternProperties } = schema
    const isOpen = others === true || (isSchema(patternProperties) && others !== false)
    if (isSchema(others) && members.length === 0 && !isSchema(patternProperties))
      return objectText([], this.#typeOf(others))
    // An index signature has to fit the named members too.
    if (isOpen || isSchema(others) || isSchema(patternProperties))
      return members.length === 0 ? anyObject : objectText(members, 'unknown')
    if (members.length === 0 && others !== false) return anyObject
    return objectText(members)
  }

  #array(schema: JsonSchema): string {
    const { prefixItems, items } = schema
    const rest = items === undefined || items === true ? 'unknown' : this.#typeOf(items)
    if (!Array.isArray(prefixItems)) return `readonly ${inParentheses(rest)}[]`
    const atLeast = typeof schema.minItems === 'number' ? schema.minItems : 0
    const first = prefixItems.map((item, index) => `${inParentheses(this.#typeOf(item))}${index < atLeast ? '' : '?'}`)
    return `readonly [${[...first, ...(items === false ? [] : [`...${inParentheses(rest)}[]`])].join(', ')}]`
  }

  /** `#/$defs/line` is a type of its own, so it may refer to itself. */
  #reference(reference: string): string {
    const known = this.#references.get(reference)
    if (known !== undefined) return known
    const steps = reference.slice(2).split('/').map(decodedStep)
    const target = steps.reduce<unknown>((at, step) => (at as JsonSchema | undefined)?.[step], this.#root)
    const name = this.#names.take(this.#name, steps.at(-1)!)
    this.#references.set(reference, name)
    const type = this.#typeOf(target)
    this.#declare(name, type, isSchema(target) ? target.description : undefined)
    return name
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** RFC 6901, within the fragment of a URI. */
function decodedStep(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
}
