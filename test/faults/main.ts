import { parseArgs } from 'node:util'
import { faults } from './faults.ts'
import { heading, isSound, lineOf, resultOf } from './result.ts'

/**
 * `node main.ts [--rounds N] [--fault NAME]… [--seed S]`: makes every fault, or those named, N times against
 * the real server and prints what the checker found. Ends with 1 when anything but duplicates was found, when
 * a disturbance did not happen, or when a control held. The same seed makes the same choices.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    fault: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  },
})
const unknown = values.fault.filter((name) => !faults.some((fault) => fault.name === name))
if (unknown.length > 0) {
  console.error(`There is no fault ${unknown.join(', ')}. There are: ${faults.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}
console.log(`seed ${values.seed}\n${heading}`)
for (const fault of faults) {
  if (values.fault.length > 0 && !values.fault.includes(fault.name)) continue
  try {
    const result = await resultOf(fault, Number(values.rounds), Number(values.seed))
    console.log(lineOf(result))
    if (!isSound(result, process.env.CI !== 'true')) process.exitCode = 1
  } catch (error) {
    // The others are made nevertheless.
    console.log(`${fault.name}: not brought to its end: ${(error as Error).stack}`)
    process.exitCode = 1
  }
}
