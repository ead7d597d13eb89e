import type { Subscription } from '../../core/registry/registry.ts'
import type { Catalogue } from '../contract/catalogue.ts'

export const dialect = 'visma-business-nxt'

export const rowActions = ['INSERT', 'UPDATE', 'DELETE'] as const
export type RowAction = (typeof rowActions)[number]

type Details = Readonly<Record<string, unknown>>

/** A table of the catalogue: what a `WebhookSubscription` row names. */
export interface Table {
  readonly identifier: string
  /** Null where it is not known. */
  readonly number: number | null
  /** The canonical types of its row actions. */
  readonly types: ReadonlyMap<RowAction, string>
}

/** The table of a subscription, and which of its row actions it has. */
export interface TableRows {
  readonly table: Table
  readonly actions: readonly RowAction[]
}

/** `OrderLine INSERT`; a name without an action is taken for an update. */
export function readName(name: string): { readonly table: string; readonly action: RowAction } {
  const action = rowActions.find((known) => name.endsWith(` ${known}`))
  return action ? { table: name.slice(0, -action.length - 1), action } : { table: name, action: 'UPDATE' }
}

/** The table belongs to the customer as a whole, not to one of its companies. */
export function isCustomerLevel(details: Details): boolean {
  return details.level === 'customer'
}

/** By identifier, in any letter case, or by number; both come in one field. */
export function findTable(catalogue: Catalogue, given: string | number): Table | undefined {
  return readingOf(catalogue).tables.get(String(given).toLowerCase())
}

/** The table that a subscription's types stand for in this contract; undefined: more than one table, or none. */
export function tableOf(catalogue: Catalogue, { types }: Pick<Subscription, 'types'>): TableRows | undefined {
  const { rows } = readingOf(catalogue)
  const key = types.join()
  let found = rows.get(key)
  if (found === undefined) {
    found = readRows(catalogue, types)
    if (rows.size < mostRowsKept) rows.set(key, found)
  }
  return found ?? undefined
}

function readRows(catalogue: Catalogue, types: readonly string[]): TableRows | null {
  const names = catalogue.match(types).flatMap((type) => type.names.get(dialect) ?? [])
  const read = names.map(readName)
  const [first] = read
  if (!first || read.some(({ table }) => table !== first.table)) return null
  const table = findTable(catalogue, first.table)
  const actions = rowActions.filter((known) => read.some(({ action }) => action === known))
  return table ? { table, actions } : null
}

/** Read once for each catalogue: an application has a subscription for each company and table. */
interface TablesReading {
  /** By identifier in lower case, and by number. */
  readonly tables: ReadonlyMap<string, Table>
  /** By a subscription's types. */
  readonly rows: Map<string, TableRows | null>
}

const mostRowsKept = 10_000
const readings = new WeakMap<Catalogue, TablesReading>()

function readingOf(catalogue: Catalogue): TablesReading {
  let reading = readings.get(catalogue)
  if (!reading) {
    reading = { tables: readTables(catalogue), rows: new Map() }
    readings.set(catalogue, reading)
  }
  return reading
}

function readTables(catalogue: Catalogue): ReadonlyMap<string, Table> {
  const tables = new Map<string, { identifier: string; number: number | null; types: Map<RowAction, string> }>()
  for (const type of catalogue.types(dialect)) {
    const { table: identifier, action } = readName(type.names.get(dialect) ?? type.type)
    const number = type.details.get(dialect)?.tableNumber
    const table = tables.get(identifier) ?? { identifier, number: null, types: new Map() }
    if (typeof number === 'number') table.number = number
    table.types.set(action, type.type)
    tables.set(identifier, table)
  }
  const all = [...tables.values()]
  const numbered = all.flatMap((table) => (table.number === null ? [] : [[String(table.number), table] as const]))
  return new Map([...numbered, ...all.map((table) => [table.identifier.toLowerCase(), table] as const)])
}
