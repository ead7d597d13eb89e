/** One line of the report: a rate, beside what the machine does without Tidings. */
export interface Figure {
  readonly what: string
  readonly unit: string
  readonly perSecond: number
  /** Processor seconds for a million, of the process that is measured; null where the system does not tell. */
  readonly cpuSecondsPerMillion: number | null
  /** Null: this line is itself a baseline. */
  readonly baseline: { readonly what: string; readonly perSecond: number } | null
  /** Whether it is as fast as it has to be; null: nothing is asked of it. */
  readonly target: { readonly text: string; readonly isMet: boolean } | null
}

const head = ['', 'per second', 'cpu s/million', 'of its baseline', 'target']

export function report(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, unit, perSecond, cpuSecondsPerMillion, baseline, target }) => [
    baseline ? what : `  bare: ${what}`,
    `${Math.round(perSecond).toLocaleString('en')} ${unit}`,
    cpuSecondsPerMillion === null ? '' : cpuSecondsPerMillion.toFixed(1),
    baseline ? `${(perSecond / baseline.perSecond).toFixed(2)} × ${baseline.what}` : '',
    target ? `${target.text} ${target.isMet ? '✓' : '✗'}` : '',
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          column === 1 || column === 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
