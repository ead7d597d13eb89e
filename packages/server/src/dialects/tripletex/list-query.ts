import { createHash } from 'node:crypto'
import { checkFields, type Model, parseFields, projectFields, type Selection } from '../../core/filter/fields.ts'
import { compareTenantIds } from '../../core/ids/tenant-id.ts'
import { jsonText } from '../../core/json/json-text.ts'
import { refusalOf, TripletexError, type ValidationMessage } from './refusal.ts'
import { parameter, type TripletexAnswer, type TripletexRequest } from './request.ts'

const defaultCount = 1_000
const mostInteger = 2 ** 31 - 1
const withoutDigest = "'If-None-Match' header not specified"

/** Something that a list or a single answer shows; references of it are objects. */
export type ShownRow = Readonly<Record<string, unknown>>

/** A `fields` text against a model. Null: everything. @throws TripletexError 400, code 11000 */
export function readFields(text: string | null | undefined, model: Model | undefined): Selection | null {
  if (text === null || text === undefined || text.trim() === '') return null
  const parsed = parseFields(text)
  if (!parsed.ok) {
    throw refusalOf('fields', [
      { field: 'fields', message: `${parsed.error.message} (at ${parsed.error.offset + 1})`, path: null },
    ])
  }
  const faults = model ? checkFields(parsed.selection, model) : []
  if (faults.length === 0) return parsed.selection
  throw refusalOf(
    'fields',
    faults.map(({ path, code }) => ({
      field: path,
      message: code === 'unknown_field' ? 'There is no field of this name.' : 'This field has no fields of its own.',
      path: null,
    })),
  )
}

/** JSON text of a row after `fields`. */
export function shownRow(row: ShownRow, selection: Selection | null, model: Model): string {
  const text = jsonText(row)
  return selection === null ? text : projectFields(selection, text, { bare: 'reference', model })
}

/**
 * `{fullResultSize, from, count, versionDigest, values}` by the query's `from`, `count`, `sorting` and `fields`.
 * With any `If-None-Match` the digest is a checksum; that checksum sent back is answered 304.
 * @throws TripletexError
 */
export function listAnswer(request: TripletexRequest, rows: readonly ShownRow[], model: Model): TripletexAnswer {
  const from = readInteger(request, 'from', 0)
  const count = readInteger(request, 'count', defaultCount)
  const order = readSorting(parameter(request, 'sorting'), model)
  const selection = readFields(parameter(request, 'fields'), model)
  const sorted = order.length === 0 ? rows : [...rows].sort((a, b) => compareRows(a, b, order))
  const values = sorted.slice(from, from + count).map((row) => shownRow(row, selection, model))
  const { ifNoneMatch } = request
  if (ifNoneMatch === undefined) return listOf(200, values, { from, fullResultSize: rows.length })
  const digest = createHash('sha256').update(`${rows.length}/${from}/[${values.join()}]`).digest('hex').slice(0, 32)
  const known = ifNoneMatch.split(',').map((one) => one.trim().replace(/^(?:W\/)?"?|"$/g, ''))
  if (known.includes(digest)) return { status: 304, body: null }
  return listOf(200, values, { from, fullResultSize: rows.length, digest })
}

/** @param values JSON texts. */
export function listOf(
  status: 200 | 201,
  values: readonly string[],
  { from = 0, fullResultSize = values.length, digest = withoutDigest } = {},
): TripletexAnswer {
  const head = { fullResultSize, from, count: values.length, versionDigest: digest }
  return { status, body: `${JSON.stringify(head).slice(0, -1)},"values":[${values.join()}]}` }
}

function readInteger(request: TripletexRequest, name: string, fallback: number): number {
  const text = parameter(request, name)
  if (text === undefined) return fallback
  if (/^\d{1,10}$/.test(text) && Number(text) <= mostInteger) return Number(text)
  throw refusalOf('parameter', [{ field: name, message: 'Must be an integer from 0.', path: null }])
}

interface SortedField {
  readonly name: string
  readonly isDescending: boolean
}

/** `date, -id`: names of scalar fields, the first one before the second, `-` for the greatest first. */
function readSorting(text: string | undefined, model: Model): SortedField[] {
  if (text === undefined) return []
  const keys = text.split(',').map((item) => {
    const [, sign, name = ''] = /^\s*([-+]?)\s*(.*?)\s*$/s.exec(item) ?? []
    return { name, isDescending: sign === '-' }
  })
  const faults = keys.flatMap(({ name }): ValidationMessage[] =>
    model.get(name)?.kind === 'scalar' ? [] : [{ field: name, message: 'It cannot be sorted by this.', path: null }],
  )
  if (faults.length > 0) throw refusalOf('sorting', faults)
  return keys
}

function compareRows(a: ShownRow, b: ShownRow, order: readonly SortedField[]): number {
  for (const { name, isDescending } of order) {
    const difference = compareValues(a[name], b[name])
    if (difference !== 0) return isDescending ? -difference : difference
  }
  return 0
}

/** Nothing comes before something. */
function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : -1
  if (b === null || b === undefined) return 1
  if (isInteger(a) && isInteger(b)) return compareTenantIds(a, b)
  return String(a) < String(b) ? -1 : 1
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** The ids of `ids=1,2`, each once. @throws TripletexError 422, code 15000 */
export function readIds(request: TripletexRequest): number[] {
  const text = parameter(request, 'ids')
  const ids = (text ?? '').split(',').map((id) => id.trim())
  if (text !== undefined && ids.every((id) => /^\d{1,10}$/.test(id))) return [...new Set(ids.map(Number))]
  throw refusalOf('parameter', [{ field: 'ids', message: 'Must be ids with commas between them.', path: null }])
}

/** An id of a path. Anything else names nothing. @throws TripletexError 404 */
export function readId(text: string | undefined): number {
  if (text !== undefined && /^\d{1,10}$/.test(text)) return Number(text)
  throw new TripletexError('notFound')
}
