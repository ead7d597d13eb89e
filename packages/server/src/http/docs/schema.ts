import { anchor, escapeHtml, inlineProse } from './html.ts'

/** The parts of JSON Schema that the documents use. */
export interface DocumentedSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly DocumentedSchema[]
  readonly items?: DocumentedSchema
  readonly properties?: Readonly<Record<string, DocumentedSchema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly example?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

/** A schema as a table of its fields, or as a line when it has none. */
export function schemaView(schema: DocumentedSchema): string {
  const shapes = shapesOf(schema)
  return shapes.length === 0 ? `<p class="type">${typeName(schema)}${note(schema)}</p>` : shapes.map(table).join('')
}

function table({ properties = {}, required = [] }: DocumentedSchema): string {
  const rows = Object.entries(properties).map(([name, field]) => {
    const mark = required.includes(name) ? '<span class="required" title="required">*</span>' : ''
    const nested = shapesOf(field).map(table).join('')
    return `<tr><th><code>${escapeHtml(name)}</code>${mark}</th><td><span class="type">${typeName(field)}</span>${note(field)}${nested}</td></tr>`
  })
  return `<table>${rows.join('')}</table>`
}

/** The objects with fields that a schema may be, or be an array of. */
function shapesOf(schema: DocumentedSchema): readonly DocumentedSchema[] {
  const { properties, items, anyOf = [] } = schema
  if (properties) return Object.keys(properties).length > 0 ? [schema] : []
  return items ? shapesOf(items) : anyOf.flatMap(shapesOf)
}

function typeName(schema: DocumentedSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!
    return `<a href="#${anchor('schema', name)}">${escapeHtml(name)}</a>`
  }
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`
  if (schema.enum) return shortened(schema.enum.map((value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`))
  if (schema.anyOf) return shortened(schema.anyOf.map(typeName))
  if (schema.items) return `array of ${typeName(schema.items)}`
  const type = schema.type === undefined ? '' : [schema.type].flat().join(' or ')
  return schema.format === undefined ? type : `${type} (${escapeHtml(schema.format)})`
}

const mostAlternatives = 12
function shortened(names: readonly string[]): string {
  const rest = names.length - mostAlternatives
  return rest <= 1 ? names.join(' | ') : `${names.slice(0, mostAlternatives).join(' | ')} | ${rest} more`
}

function note({ description, minimum, maximum, maxLength, maxItems, default: fallback }: DocumentedSchema): string {
  const rules = [
    minimum === undefined ? '' : `from ${minimum}`,
    maximum === undefined ? '' : `up to ${maximum}`,
    maxLength === undefined ? '' : `up to ${maxLength} characters`,
    maxItems === undefined ? '' : `up to ${maxItems} items`,
    fallback === undefined ? '' : `default ${JSON.stringify(fallback)}`,
  ].filter((rule) => rule !== '')
  const words = rules.length > 0 ? ` <small>${escapeHtml(rules.join(', '))}</small>` : ''
  return description === undefined ? words : `${words} ${inlineProse(description)}`
}
