import type { FieldModel, Model } from '../../core/filter/fields.ts'
import { tripletexModels } from './models.ts'

type ScalarType = 'text' | 'number' | 'boolean' | 'date'

interface FieldNotation {
  readonly name: string
  readonly scalar: ScalarType
  /** The model that the field names; null: none. */
  readonly model: string | null
  readonly isPart: boolean
  readonly isList: boolean
}

const grammar = /^([A-Za-z_]\w*)(?:([#?@])|:(\[?)(\{?)([A-Za-z]\w*)?\}?\]?)?$/
const scalars: Readonly<Record<string, ScalarType>> = { '#': 'number', '?': 'boolean', '@': 'date' }

/** A word that is no field is passed over: an operator's typing error must not hold deliveries up. */
function readNotation(text: string): FieldNotation[] {
  return text.split(/\s+/).flatMap((word) => {
    const match = grammar.exec(word)
    if (!match) return []
    const [, name = '', mark, list, part, model = null] = match
    return [{ name, scalar: scalars[mark ?? ''] ?? 'text', model, isPart: part === '{', isList: list === '[' }]
  })
}

/** Models by name; those that another one names and that are not there are open: nothing in them is checked. */
function readModels(notations: Readonly<Record<string, string>>): ReadonlyMap<string, Model> {
  const fields = new Map<string, Map<string, FieldModel>>()
  // All are there before any is filled, because models refer to each other, and to themselves.
  for (const name of Object.keys(notations)) fields.set(name, new Map())
  for (const [name, notation] of Object.entries(notations)) {
    for (const field of readNotation(notation)) fields.get(name)?.set(field.name, fieldOf(field, fields))
  }
  return fields
}

function fieldOf({ model: named, isPart, isList }: FieldNotation, models: ReadonlyMap<string, Model>): FieldModel {
  const model = named === null ? undefined : models.get(named)
  const one: FieldModel = model ? { kind: isPart ? 'object' : 'reference', model } : { kind: 'scalar' }
  return isList ? { kind: 'list', of: one } : one
}

const builtin = readModels(tripletexModels)

export function builtinModel(name: string): Model {
  const model = builtin.get(name)
  if (!model) throw new Error(`there is no model ${name}`)
  return model
}

export type TypeDetails = Readonly<Record<string, unknown>>

export function payloadModelOf(details: TypeDetails | undefined): string | null {
  return typeof details?.payloadModel === 'string' ? details.payloadModel : null
}

const known = new WeakMap<TypeDetails, { readonly notations: Notations; readonly models: ReadonlyMap<string, Model> }>()
type Notations = Readonly<Record<string, string>>

/**
 * What the catalogue's details of a type make of its entity: `payloadModel` names the model, `models`
 * (the operator's, in the notation of `models.ts`) come before the built-in ones. Undefined: it has
 * none, and nothing is checked.
 */
export function modelOf(details: TypeDetails | undefined): Model | undefined {
  const name = payloadModelOf(details)
  return details === undefined || name === null ? undefined : modelsOf(details).models.get(name)
}

function modelsOf(details: TypeDetails): { notations: Notations; models: ReadonlyMap<string, Model> } {
  const own = details.models
  if (typeof own !== 'object' || own === null) return { notations: tripletexModels, models: builtin }
  let read = known.get(details)
  if (!read) {
    const texts = Object.entries(own).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    const notations = { ...tripletexModels, ...Object.fromEntries(texts) }
    read = { notations, models: readModels(notations) }
    known.set(details, read)
  }
  return read
}

/** An entity made up from the type's model; null: it has none. @param host of the URLs in it, as `example.com` */
export function sampleEntity(details: TypeDetails | undefined, id: number, host: string): object | null {
  const name = payloadModelOf(details)
  const notation = name === null || details === undefined ? undefined : modelsOf(details).notations[name]
  if (name === null || notation === undefined) return null
  return Object.fromEntries(
    readNotation(notation)
      .filter((field) => !field.isPart)
      .map((field) => [field.name, sampleValue(field, name, id, host)]),
  )
}

function sampleValue(field: FieldNotation, of: string, id: number, host: string): unknown {
  if (field.name === 'id') return id
  if (field.name === 'version') return 0
  if (field.name === 'url') return urlOf(of, id, host)
  const one = field.model === null ? sampleScalar(field) : { id: id + 1, url: urlOf(field.model, id + 1, host) }
  return field.isList ? [one] : one
}

function sampleScalar({ name, scalar }: FieldNotation): unknown {
  switch (scalar) {
    case 'number':
      return /amount|price|cost/i.test(name) ? 100.5 : 1
    case 'boolean':
      return false
    case 'date':
      return '2026-01-31'
    case 'text':
      if (/email/i.test(name)) return 'post@example.com'
      return /number|code/i.test(name) ? '1001' : `Sample ${name}`
    default:
      return scalar satisfies never
  }
}

function urlOf(model: string, id: number, host: string): string {
  return `${host}/v2/${model[0]!.toLowerCase()}${model.slice(1)}/${id}`
}
