import type { ReactNode } from 'react'
import style from './table.module.css'

export interface Column<Row> {
  readonly heading: string
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
  /** Takes the room that the others leave, and cuts what does not fit. */
  readonly isWide?: boolean
}

interface Props<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
}

/** Rows that identify themselves. On a phone each becomes a card with the same facts in the same order. */
export function Table<Row>({ label, columns, rows, keyOf }: Props<Row>) {
  const kindOf = ({ isNumber, isWide }: Column<Row>) => (isNumber ? 'number' : isWide ? 'wide' : undefined)
  return (
    <table className={style.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.heading} scope="col" data-kind={kindOf(column)}>
              {column.heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} data-row="">
            {columns.map((column) => (
              <td key={column.heading} data-heading={column.heading} data-kind={kindOf(column)}>
                <div>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
