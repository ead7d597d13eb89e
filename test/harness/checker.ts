import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { JournalLine } from './journal.ts'
import { Judge, type Verdict } from './judge.ts'

/** Judges the journals of a directory. */
export async function judgeDirectory(directory: string): Promise<Verdict> {
  const judge = new Judge()
  const files = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
  for (const name of files) {
    for await (const line of createInterface({ input: createReadStream(join(directory, name)) })) {
      judge.take(JSON.parse(line) as JournalLine)
    }
  }
  return judge.verdict()
}

const columns = [
  'due',
  'received',
  'lost',
  'duplicated',
  'reordered',
  'altered',
  'leaked',
  'phantom',
  'misnumbered',
] as const

export function tableOf(verdict: Verdict): string {
  const head = ['reader', 'way', ...columns]
  const rows = verdict.readers.map((reader) => [
    reader.reader,
    reader.way,
    ...columns.map((column) => reader[column].toLocaleString('en')),
  ])
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]!.length)))
  const lineOf = (row: readonly string[]) =>
    row.map((cell, index) => (index < 2 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))).join('  ')
  const { sent, acknowledged, tries, faults } = verdict
  return [
    `${faults} faults · ${sent.toLocaleString('en')} events sent in ${tries.toLocaleString('en')} tries · ${acknowledged.toLocaleString('en')} acknowledged`,
    lineOf(head),
    ...rows.map(lineOf),
    ...verdict.examples.map((example) => `  ${example}`),
  ].join('\n')
}

/** `node checker.ts DIRECTORY`: the table on standard error, the verdict as JSON on standard output; ends with 1 when it found a fault. */
if (import.meta.main) {
  const verdict = await judgeDirectory(process.argv[2]!)
  process.stderr.write(`${tableOf(verdict)}\n`)
  process.stdout.write(`${JSON.stringify(verdict)}\n`)
  process.exitCode = verdict.isSound ? 0 : 1
}
