import type { Catalogue } from '../catalogue/catalogue.ts'
import type { EventTypeDefinition } from '../catalogue/event-type.ts'
import type { Directory } from './directory.ts'

/** The catalogue with what operators added by API, following the registry from now on. */
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
