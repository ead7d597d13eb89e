import { type TSchema, Type } from 'typebox'

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** A list as every route gives it. */
export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], { description: 'The next `cursor`; null at the end.' }),
  })

/** Where a list goes on, and how much of it one answer gives. */
export const pageFields = {
  cursor: Type.Optional(Type.String()),
  limit: Type.Optional(
    Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500; default 100.' }),
  ),
}
