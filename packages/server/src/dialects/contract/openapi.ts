/** A JSON Schema, as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>

/**
 * A dialect's own routes for `/openapi.json`. Their contract is the vendor's, so Fastify neither checks nor writes by
 * these schemas; a test holds every route and its answers against them.
 */
export interface DialectOpenApi {
  /** By a name of the dialect's own. */
  readonly securitySchemes: Readonly<Record<string, object>>
  /** By a name of the dialect's own. */
  readonly schemas: Readonly<Record<string, Schema>>
  /** By path, then by method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema: Schema
}

interface Answer {
  readonly description: string
  /** Absent: there is no body. */
  readonly schema?: Schema
  /** Default `application/json`. */
  readonly type?: string
}

interface DialectOperation {
  readonly summary: string
  readonly description?: string
  /** No credential is asked for. */
  readonly isOpen?: boolean
  readonly parameters?: readonly Parameter[]
  readonly body?: { readonly schema: Schema; readonly types?: readonly string[]; readonly isOptional?: boolean }
  readonly answers: Readonly<Record<number, Answer>>
}

/** Writes operations with what all of a dialect's have in common. */
export function operationWriter(common: {
  readonly tag: string
  /** Any one of these schemes. */
  readonly security: readonly string[]
  /** By status: each of them can come from every route. */
  readonly errors: Readonly<Record<number, Answer>>
}): (operation: DialectOperation) => object {
  return ({ isOpen = false, parameters = [], body, answers, ...said }) => ({
    ...said,
    tags: [common.tag],
    security: isOpen ? [] : common.security.map((name) => ({ [name]: [] })),
    ...(parameters.length === 0
      ? {}
      : { parameters: parameters.map((one) => ({ ...one, required: one.in === 'path' || one.required === true })) }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: Object.fromEntries(
      Object.entries({ ...common.errors, ...answers }).map(([status, answer]) => [status, response(answer)]),
    ),
  })
}

function requestBody({
  schema,
  types = ['application/json'],
  isOptional = false,
}: NonNullable<DialectOperation['body']>) {
  return { required: !isOptional, content: Object.fromEntries(types.map((type) => [type, { schema }])) }
}

function response({ description, schema, type = 'application/json' }: Answer): object {
  return schema === undefined ? { description } : { description, content: { [type]: { schema } } }
}

export function schemaOf(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` }
}

/** @param required names of properties; absent: all of them */
export function object(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = Object.keys(properties),
): Schema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) }
}

export const text: Schema = { type: 'string' }
export const integer: Schema = { type: 'integer', format: 'int64' }
export const flag: Schema = { type: 'boolean' }
export const listOf = (items: Schema): Schema => ({ type: 'array', items })
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })
