import { type Finding, findings } from './finding.ts'
import type { Result } from './result.ts'

/** What has a column; the others are told when there are any. */
const shown = ['lost', 'duplicated', 'reordered', 'altered', 'leaked'] as const satisfies readonly Finding[]
const unshown = findings.filter((finding) => !shown.some((one) => one === finding))
const columns = ['rounds', 'acknowledged', ...shown] as const
const nameWidth = 17
const mostExamples = 10

export const heading = row('fault', columns)

/** A line of the table; below it what was disturbed, what the control came to, and how the first findings read. */
export function lineOf(result: Result): string {
  const name = result.fault.padEnd(nameWidth)
  if (result.kind === 'skipped') return `${name}  skipped: ${result.reason}`
  if (result.kind === 'broken') return `${name}  not brought to its end: ${result.error.stack}`
  const { rounds, acknowledged, found, demands, control, examples, seconds } = result
  const cells = [rounds, acknowledged, ...shown.map((finding) => found[finding])].map(figure)
  const others = unshown
    .filter((finding) => found[finding] > 0)
    .map((finding) => `${figure(found[finding])} ${finding}`)
  return [
    row(result.fault, cells),
    ...(others.length > 0 ? [`ALSO FOUND: ${others.join(', ')}`] : []),
    ...demands.map(({ text, isMet }) => `${isMet ? '' : 'NOT MET: '}${text}`),
    `${control.hasFailed ? 'control' : 'THE CONTROL HELD'}: ${control.text}`,
    `${figure(seconds)} s`,
    ...examples.slice(0, mostExamples),
  ].join('\n    ')
}

/** What it all came to. */
export function summaryOf(results: readonly Result[]): string {
  const run = results.filter((result) => result.kind === 'run')
  const sums = findings.map((finding) => {
    const sum = run.reduce((total, { found }) => total + found[finding], 0)
    return `${figure(sum)} ${finding}`
  })
  const rounds = run.reduce((total, result) => total + result.rounds, 0)
  const held = run.filter(({ control }) => !control.hasFailed).map(({ fault }) => fault)
  const unmet = run.filter(({ demands }) => demands.some(({ isMet }) => !isMet)).map(({ fault }) => fault)
  const broken = results.filter(({ kind }) => kind === 'broken').map(({ fault }) => fault)
  const skipped = results.filter(({ kind }) => kind === 'skipped').map(({ fault }) => fault)
  return [
    `${sums.join(', ')} in ${count(rounds, 'round')} of ${count(run.length, 'fault')}`,
    held.length > 0 ? `THE CONTROL HELD: ${held.join(', ')}` : 'every control failed as it must',
    ...(unmet.length > 0 ? [`NOT DISTURBED AS MEANT: ${unmet.join(', ')}`] : []),
    ...(broken.length > 0 ? [`NOT BROUGHT TO THEIR END: ${broken.join(', ')}`] : []),
    ...(skipped.length > 0 ? [`skipped: ${skipped.join(', ')}`] : []),
  ].join('; ')
}

function row(name: string, cells: readonly string[]): string {
  return [name.padEnd(nameWidth), ...cells.map((cell, index) => cell.padStart(columns[index]!.length))].join('  ')
}

function figure(value: number): string {
  return value.toLocaleString('en')
}

function count(value: number, noun: string): string {
  return `${figure(value)} ${noun}${value === 1 ? '' : 's'}`
}
