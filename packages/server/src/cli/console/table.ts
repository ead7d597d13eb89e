import type { Colour, Paint } from './colour.ts'
import { cutTo, padTo, printable, textWidth } from './text-width.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  /** May be cut off where the table would not fit; others never are. */
  readonly isFlexible?: boolean
  readonly isNumber?: boolean
  readonly colour?: (row: Row) => Colour | undefined
}

const gap = '  '
const narrowest = 8

/** Lines of a table that fits `width` columns, as long as its inflexible columns do. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  paint: Paint,
): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))))
  const widths = columns.map((column, at) =>
    Math.max(textWidth(column.title), ...cells.map((row) => textWidth(row[at]!))),
  )
  let excess = widths.reduce((sum, next) => sum + next, gap.length * (columns.length - 1)) - width
  while (excess > 0) {
    // The widest flexible column gives way first.
    const widest = columns.reduce(
      (best, column, at) =>
        column.isFlexible && widths[at]! > narrowest && (best < 0 || widths[at]! > widths[best]!) ? at : best,
      -1,
    )
    if (widest < 0) break
    widths[widest]!--
    excess--
  }
  const line = (texts: readonly string[], colours: readonly (Colour | undefined)[]) =>
    texts
      .map((text, at) => {
        const cut = cutTo(text, widths[at]!)
        const padded = columns[at]!.isNumber ? cut.padStart(widths[at]!) : padTo(cut, widths[at]!)
        const colour = colours[at]
        return colour ? paint(colour, padded) : padded
      })
      .join(gap)
      .trimEnd()
  return [
    line(
      columns.map(({ title }) => title),
      columns.map(() => 'dim' as const),
    ),
    ...cells.map((texts, index) =>
      line(
        texts,
        columns.map((column) => column.colour?.(rows[index]!)),
      ),
    ),
  ]
}
