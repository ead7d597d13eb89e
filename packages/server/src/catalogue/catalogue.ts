import { AppError, type FieldError } from '../core/errors.ts'
import { compilePatterns } from '../core/event/event-type-pattern.ts'
import { pointerTo } from '../core/json/json-pointer.ts'
import { compileDataSchema } from './data-schema.ts'
import type { EventType, EventTypeDefinition } from './event-type.ts'

export type CatalogueChange =
  | { readonly kind: 'changed'; readonly catalogue: Catalogue }
  /** Pointers begin with the definition's index. */
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[] }

/**
 * The event types and their names in each dialect. Never changes: `with` makes another one.
 *
 * Within a dialect a name belongs to one type, and letter case alone does not tell two names apart.
 * Everything that is listed is sorted by code unit, so that every node lists it alike.
 */
export class Catalogue {
  readonly #types: ReadonlyMap<string, EventType>
  readonly #canonicalDialects: ReadonlySet<string>
  /** By dialect, then by name in lower case. */
  readonly #byName: ReadonlyMap<string, ReadonlyMap<string, EventType>>

  /** A catalogue without types. `canonicalDialects` use the types themselves as names. */
  static empty(canonicalDialects: ReadonlySet<string> = new Set()): Catalogue {
    return new Catalogue(new Map(), canonicalDialects, new Map())
  }

  private constructor(
    types: ReadonlyMap<string, EventType>,
    canonicalDialects: ReadonlySet<string>,
    byName: ReadonlyMap<string, ReadonlyMap<string, EventType>>,
  ) {
    this.#types = types
    this.#canonicalDialects = canonicalDialects
    this.#byName = byName
  }

  find(type: string): EventType | undefined {
    return this.#types.get(type)
  }

  /** The type that a dialect calls `name`, letter for letter. */
  byName(dialect: string, name: string): EventType | undefined {
    const type = this.byNameIgnoringCase(dialect, name)
    return type && this.nameIn(type.type, dialect) === name ? type : undefined
  }

  /** As `byName`, for dialects whose names are read in any letter case. */
  byNameIgnoringCase(dialect: string, name: string): EventType | undefined {
    return this.#byName.get(dialect)?.get(name.toLowerCase())
  }

  /** What a dialect calls a type; undefined when the dialect does not have it: then it never sees it. */
  nameIn(type: string, dialect: string): string | undefined {
    const found = this.#types.get(type)
    return found && (this.#canonicalDialects.has(dialect) ? type : found.names.get(dialect))
  }

  /** The types, or those that have a name in the dialect; sorted by type. */
  types(dialect?: string): readonly EventType[] {
    const all = [...this.#types.values()]
    return dialect === undefined ? all : all.filter(({ type }) => this.nameIn(type, dialect) !== undefined)
  }

  /** The names of a dialect, sorted by type. */
  names(dialect: string): readonly string[] {
    return this.types(dialect).map(({ type }) => this.nameIn(type, dialect) as string)
  }

  /** A type's name in every dialect that has it. */
  namesOf(type: EventType): Readonly<Record<string, string>> {
    return Object.fromEntries([...[...this.#canonicalDialects].map((dialect) => [dialect, type.type]), ...type.names])
  }

  /** The topics, or those with a type that has a name in the dialect; sorted. */
  topics(dialect?: string): readonly string[] {
    return [...new Set(this.types(dialect).map(({ topic }) => topic))].sort(byCodeUnit)
  }

  /** The types that one of the event patterns selects; sorted by type. */
  match(patterns: Iterable<string>): readonly EventType[] {
    const isWanted = compilePatterns(patterns)
    return this.types().filter(({ type }) => isWanted(type))
  }

  /**
   * Adds types, and changes those that are there already; all of the definitions or none. They
   * must have passed `readDefinition`. They take effect together, so two types may swap names.
   *
   * @throws AppError `conflict` when a name of a dialect is taken; `invalid_request` when a new type
   * has no topic, or a type or a dialect cannot be given as it is.
   */
  with(definitions: readonly EventTypeDefinition[]): Catalogue {
    const change = this.change(definitions)
    if (change.kind === 'changed') return change.catalogue
    const isConflict = change.errors.some(({ code }) => code === 'name_taken')
    throw new AppError(
      isConflict ? 'conflict' : 'invalid_request',
      isConflict
        ? 'Another event type already has this name in the dialect. Choose another name, or take it away from that type first.'
        : 'The event types cannot be added as they are.',
      { errors: change.errors },
    )
  }

  /** As `with`, for a caller that has more to say about the faults. */
  change(definitions: readonly EventTypeDefinition[]): CatalogueChange {
    const errors: FieldError[] = []
    const types = new Map(this.#types)
    const indexes = new Map<string, number>()
    for (const [index, definition] of definitions.entries()) {
      const base = this.#types.get(definition.type)
      if (indexes.has(definition.type))
        errors.push({ pointer: `/${index}/type`, code: 'duplicate_type', detail: 'This type is given twice.' })
      if (!base && definition.topic === undefined)
        errors.push({ pointer: `/${index}/topic`, code: 'required', detail: 'A new type needs a topic.' })
      for (const dialect of Object.keys(definition.names ?? {}))
        if (this.#canonicalDialects.has(dialect))
          errors.push({
            pointer: pointerTo(`/${index}/names`, dialect),
            code: 'invalid_value',
            detail: 'This dialect calls every type by its own name.',
          })
      indexes.set(definition.type, index)
      types.set(definition.type, resolve(definition, base))
    }

    const byName = new Map<string, Map<string, EventType>>()
    const claim = (dialect: string, name: string, type: EventType) => {
      const names = byName.get(dialect) ?? new Map<string, EventType>()
      byName.set(dialect, names)
      const holder = names.get(name.toLowerCase())
      // Whichever of the two is newly defined is at fault; of two new ones the later.
      const index = indexes.get(type.type) ?? indexes.get(holder?.type ?? '')
      if (!holder) names.set(name.toLowerCase(), type)
      else
        errors.push({
          pointer: pointerTo(`/${index}/names`, dialect),
          code: 'name_taken',
          detail: `The dialect ${dialect} calls \`${holder.type}\` and \`${type.type}\` both \`${name}\`.`,
        })
    }
    const sorted = [...types.values()].sort((a, b) => byCodeUnit(a.type, b.type))
    for (const type of sorted) {
      for (const [dialect, name] of type.names) claim(dialect, name, type)
      for (const dialect of this.#canonicalDialects) claim(dialect, type.type, type)
    }
    if (errors.length > 0) return { kind: 'refused', errors }
    const listed = new Map(sorted.map((type) => [type.type, type]))
    return { kind: 'changed', catalogue: new Catalogue(listed, this.#canonicalDialects, byName) }
  }
}

function resolve(definition: EventTypeDefinition, base: EventType | undefined): EventType {
  const names = merged(base?.names, definition.names)
  const details = merged(base?.details, definition.details)
  for (const dialect of details.keys()) if (!names.has(dialect)) details.delete(dialect)
  const dataSchema = definition.dataSchema === undefined ? (base?.dataSchema ?? null) : definition.dataSchema
  const validateData =
    definition.dataSchema === undefined
      ? base?.validateData
      : definition.dataSchema && compileDataSchema(definition.dataSchema)
  return {
    type: definition.type,
    topic: definition.topic ?? base?.topic ?? '',
    description: definition.description ?? base?.description ?? '',
    attributes: definition.attributes
      ? new Map(definition.attributes.map(({ name, type }) => [name, type]))
      : (base?.attributes ?? new Map()),
    names,
    details,
    dataSchema,
    ...(validateData && { validateData }),
  }
}

function merged<T>(
  base: ReadonlyMap<string, T> | undefined,
  changes: Readonly<Record<string, T | null>> | undefined,
): Map<string, T> {
  const result = new Map(base)
  for (const [dialect, value] of Object.entries(changes ?? {})) {
    if (value === null) result.delete(dialect)
    else result.set(dialect, value)
  }
  return result
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
