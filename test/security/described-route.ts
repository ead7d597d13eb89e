import fc from 'fast-check'

export type Schema = { readonly [key: string]: unknown }

/** A route as `/openapi.json` describes it. */
export interface DescribedRoute {
  readonly method: string
  readonly path: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly body: Schema | null
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly parameters?: DescribedRoute['parameters']
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}

export function routesOf({ paths }: Document): DescribedRoute[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema ?? null,
    })),
  )
}

/** Values that a schema allows, or nearly allows. */
export function nearly(schema: Schema, document: Document, depth = 0): fc.Arbitrary<unknown> {
  const right = fitting(schema, document, depth)
  return depth > 5 ? right : fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: anything })
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('', ' ', '\u0000', '😀', '\ud800', '__proto__', '9'.repeat(400), -1, 1e308, 2 ** 53, null),
)

function fitting(schema: Schema, document: Document, depth: number): fc.Arbitrary<unknown> {
  const inner = (of: unknown) => nearly((of ?? {}) as Schema, document, depth + 1)
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1)!
    return depth > 8 ? anything : fitting(document.components?.schemas?.[name] ?? {}, document, depth + 1)
  }
  if ('const' in schema) return fc.constant(schema.const)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum)
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (choices) return fc.oneof(...choices.map(inner))
  switch (schema.type) {
    case 'object': {
      const properties = (schema.properties ?? {}) as Record<string, Schema>
      const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, inner(of)])), {
        requiredKeys: [],
      })
      return fc
        .tuple(
          known,
          fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, fc.dictionary(fc.string(), anything, { maxKeys: 2 })),
        )
        .map(([record, more]) => ({ ...record, ...more }))
    }
    case 'array':
      return fc.array(inner(schema.items), { maxLength: 4 })
    case 'integer':
      return fc.oneof(fc.integer(), fc.integer({ min: 0, max: 400 }))
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return fc.oneof(
        fc.string({ maxLength: 40 }),
        fc.constantFrom('invoice.*', 'invoice.updated', 'https://example.com/h', '2026-01-01T00:00:00Z', '10'),
      )
    default:
      return anything
  }
}
