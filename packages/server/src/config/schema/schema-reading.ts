import { type Static, type TObject, type TRecord, type TSchema, type TUnion, Type } from 'typebox'
import { Check } from 'typebox/schema'

/** The way to a value in the file, as `['smtp', 'url']`; items of lists by their index. */
export type Path = readonly string[]
export type Mapping = Readonly<Record<string, unknown>>
/** Takes a fault at a place below what is read. */
export type Report = (path: Path, detail: string) => void

/** What a schema of the configuration says beside what TypeBox knows. Members that are `null` count as not given. */
export interface Words {
  /** What is wrong with a value that the schema refuses. As a function it judges by itself what the schema lets through. */
  readonly fault?: string | ((value: unknown) => string | undefined)
  /** Of a mapping by name: what is wrong with a name. */
  readonly nameFault?: (name: string) => string | undefined
  /** Of a mapping: what is wrong with a member that there is not. */
  readonly strangerFault?: string
  /** Of a mapping: what only several members together show. Asked of whatever mapping is given, faulty or not. */
  readonly rules?: (given: Mapping, report: Report) => void
}

/** Reads a value by its schema, with the defaults of what is not given; tells every fault at once. */
export function readBySchema<S extends TSchema>(schema: S, value: unknown, report: Report): Static<S> {
  return read(schema, value, [], report) as Static<S>
}

function read(schema: TSchema, value: unknown, path: Path, report: Report): unknown {
  if (Type.IsObject(schema)) return readMembers(schema, value, path, report)
  if (Type.IsRecord(schema)) return readEntries(schema, value, path, report)
  const chosen = Type.IsUnion(schema) ? choose(schema, value, path, report) : undefined
  if (chosen === 'none') return value
  if (chosen !== undefined) return read(chosen.schema, chosen.given, path, report)
  const detail = faultOf(schema, value)
  if (detail !== undefined) report(path, detail)
  return value
}

function readMembers(schema: TObject, value: unknown, path: Path, report: Report): Mapping {
  const given = mappingOf(schema, value, path, report)
  if (given === undefined) return {}
  const names = Object.keys(schema.properties)
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    report(
      [...path, name],
      wordsOf(schema).strangerFault ??
        `is not a setting; ${names.length === 1 ? 'there is' : 'there are'} ${listed(names)}`,
    )
  }
  const members: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(schema.properties)) {
    const { default: fallback } = member as { readonly default?: unknown }
    const own = given[name] ?? (Type.IsObject(member) ? {} : undefined)
    if (own !== undefined || (fallback === undefined && !Type.IsOptional(member)))
      members[name] = read(member, own, [...path, name], report)
    else if (fallback !== undefined) members[name] = fallback
  }
  wordsOf(schema).rules?.(given, below(path, report))
  return members
}

function readEntries(schema: TRecord, value: unknown, path: Path, report: Report): Mapping {
  const given = mappingOf(schema, value, path, report)
  if (given === undefined) return {}
  const { nameFault, rules } = wordsOf(schema)
  const entries = Object.entries(given).map(([name, entry]) => {
    const detail = nameFault?.(name)
    if (detail !== undefined) report([...path, name], detail)
    return [name, read(Type.RecordValue(schema), entry, [...path, name], report)] as const
  })
  rules?.(given, below(path, report))
  return Object.fromEntries(entries)
}

function mappingOf(schema: TSchema, value: unknown, path: Path, report: Report): Mapping | undefined {
  if (isMapping(value)) return value
  const { fault } = wordsOf(schema)
  report(path, typeof fault === 'string' ? fault : 'must be a mapping of settings')
  return undefined
}

/** Of alternatives that are mappings, the one that is meant: the only one, or the one that has the value's `kind`. */
function choose(schema: TUnion, value: unknown, path: Path, report: Report) {
  const mappings = schema.anyOf.filter((each) => Type.IsObject(each))
  if (mappings.length < 2) {
    const [only] = mappings
    return only && isMapping(value) ? { schema: only, given: value } : undefined
  }
  const given = mappingOf(schema, value, path, report) ?? {}
  const meant = mappings.find(({ properties }) => properties.kind && Check(properties.kind, given.kind))
  if (meant !== undefined) return { schema: meant, given }
  const kinds = mappings.map(({ properties }) => (properties.kind as { const?: string }).const ?? '')
  report([...path, 'kind'], `must be ${kinds.join(' or ')}`)
  return 'none'
}

function faultOf(schema: TSchema, value: unknown): string | undefined {
  const { fault } = wordsOf(schema)
  const judged = typeof fault === 'function' ? fault(value) : undefined
  if (judged !== undefined || Check(schema, value)) return judged
  return typeof fault === 'string' ? fault : 'cannot be this'
}

const wordsOf = (schema: TSchema): Words => schema as Words

function below(path: Path, report: Report): Report {
  return (rest, detail) => report([...path, ...rest], detail)
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
