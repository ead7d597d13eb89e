import SerializerSelector from '@fastify/fast-json-stringify-compiler'
import { Ajv, type Options, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'

/*
 * A route's schemas are compiled when its first request needs them. There are some 300 of them; all at once, at the
 * start, they would take a quarter of a second of the processor and 10 MB of an idle server.
 */

/** Checks what comes in. */
export function validatorsOnFirstUse(options: Options): FastifySchemaCompiler<object> {
  const validator = once(() => {
    const ajv = new Ajv({ addUsedSchema: false, ...options })
    addFormats.default(ajv)
    return ajv
  })
  return ({ schema }) => {
    const compiled = once(() => validator().compile(schema))
    // Fastify reads the faults from the function that found them.
    const check: { (data: unknown): boolean; errors?: ValidateFunction['errors'] } = (data) => {
      const validate = compiled()
      const isValid = validate(data)
      check.errors = validate.errors ?? null
      return isValid
    }
    return check as ReturnType<FastifySchemaCompiler<object>>
  }
}

/** Writes what goes out. */
export function serializersOnFirstUse(): FastifySerializerCompiler<object> {
  const compile = SerializerSelector()()
  return (route) => {
    const serialize = once(() => compile(route as never))
    return (data) => serialize()(data)
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
