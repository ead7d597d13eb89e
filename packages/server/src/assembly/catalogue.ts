import { builtinCatalogue } from '../catalogue/builtin.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { EventTypeDefinition } from '../catalogue/event-type.ts'
import { readOperatorFile } from '../catalogue/operator-file.ts'
import type { Config } from '../config/config.ts'
import { configurationError } from '../config/settings.ts'
import { dialects } from '../dialects/dialects.ts'
import type { Directory } from '../registry/directory.ts'

/**
 * The built-in types and those of the operator's file.
 * @throws AppError `invalid_configuration`
 */
export function catalogueOf(config: Config): Catalogue {
  const canonical = dialects.filter(({ isCanonical }) => isCanonical).map(({ name }) => name)
  const builtin = builtinCatalogue(new Set(canonical))
  if (config.fileText === null) return builtin
  const read = readOperatorFile(config.fileText, builtin)
  if (read.kind === 'read') return read.catalogue
  throw configurationError(
    read.errors.map(({ line, pointer, detail }) => ({ place: `${config.file} line ${line} ${pointer}`, detail })),
  )
}

/** The catalogue with what operators added by API, following the registry. */
export function followCatalogue(base: Catalogue, directory: Directory): () => Catalogue {
  const withCustomTypes = () => {
    const definitions = [...directory.eventTypes.values()].map(({ definition }) => definition as EventTypeDefinition)
    return definitions.length === 0 ? base : base.with(definitions)
  }
  let current = withCustomTypes()
  directory.onChanged((changes) => {
    if (changes.some(({ kind }) => kind === 'eventType')) current = withCustomTypes()
  })
  return () => current
}
