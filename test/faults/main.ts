import { faults } from './faults.ts'
import { helpOf, type Options, parseOptions } from './options.ts'
import { Progress } from './progress.ts'
import { isSound, type Result, resultOf } from './result.ts'
import { heading, lineOf, summaryOf } from './table.ts'

/** `node main.ts --help` says what it does. The table goes to standard output, progress to standard error. */
async function main({ rounds, seed, faults: chosen }: Options): Promise<void> {
  console.log(`seed ${seed}\n${heading}`)
  const results: Result[] = []
  for (const fault of faults.filter(({ name }) => chosen.includes(name))) {
    const progress = new Progress(process.stderr, fault.name, rounds)
    const result = await resultOf(fault, { rounds, seed, onRound: progress.onRound })
    progress.end()
    console.log(lineOf(result))
    results.push(result)
  }
  console.log(summaryOf(results))
  if (!results.every((result) => isSound(result, process.env.CI !== 'true'))) process.exitCode = 1
}

const names = faults.map(({ name }) => name)
const parsed = parseOptions(process.argv.slice(2), names, Math.floor(Math.random() * 1e9))
switch (parsed.kind) {
  case 'run':
    await main(parsed.options)
    break
  case 'help':
    console.log(helpOf(names))
    break
  case 'refused':
    console.error(`${parsed.reason}\n--help says what there is.`)
    process.exitCode = 2
    break
  default:
    parsed satisfies never
}
