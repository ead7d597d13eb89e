import type { Static, TSchema } from 'typebox'
import type { Report } from './schema-reading.ts'

/** A section of the file: the form that it has there, and what the server makes of it. */
export interface Section<S extends TSchema, T> {
  readonly schema: S
  /** What holds where the file does not have the section. */
  readonly absent: () => T
  /** Of what is right by the schema; `report` takes what only the whole shows to be wrong. */
  readonly read: (given: Static<S>, report: Report) => T
}

/** Lets the compiler infer both types. */
export function section<S extends TSchema, T>(own: Section<S, T>): Section<S, T> {
  return own
}
