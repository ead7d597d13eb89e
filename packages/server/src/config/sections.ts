import type { TSchema } from 'typebox'
import type { ConfigFile } from './config-file.ts'
import type { Fault } from './fault.ts'
import { type Path, readBySchema } from './schema/schema-reading.ts'
import type { Section } from './schema/section.ts'
import { appearance } from './sections/appearance.ts'
import { authorities } from './sections/authorities.ts'
import { dialects } from './sections/dialects.ts'
import { entitySources } from './sections/entity-sources.ts'
import { eventTypes } from './sections/event-types.ts'
import { smtp } from './sections/smtp.ts'

/** The sections of the file, by their names there. A new one is a file in `sections/` and its line here. */
export const sections = { eventTypes, entitySources, authorities, dialects, smtp, appearance }

export type SectionName = keyof typeof sections
/** What the server makes of each section. */
export type SectionValues = { readonly [Name in SectionName]: ReturnType<(typeof sections)[Name]['read']> }

export function readSections(file: ConfigFile | null, faults: Fault[]): SectionValues {
  const values = Object.entries(sections).map(([name, own]) => [name, readSection(name, own, file, faults)] as const)
  return Object.fromEntries(values) as unknown as SectionValues
}

function readSection(name: string, own: Section<TSchema, unknown>, file: ConfigFile | null, faults: Fault[]): unknown {
  const given = file?.content[name]
  if (!file || given === undefined || given === null) return own.absent()
  const before = faults.length
  const report = (path: Path, detail: string) => faults.push({ place: file.placeOf([name, ...path]), detail })
  const read = readBySchema(own.schema, given, report)
  return faults.length === before ? own.read(read, report) : own.absent()
}
