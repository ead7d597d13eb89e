import { parseArgs } from 'node:util'
import { faults } from './faults.ts'
import { heading, isSound, lineOf, resultOf } from './result.ts'

/**
 * `node main.ts [--rounds N] [--only NAME,…] [--seed S]`: makes every fault N times against the real server
 * and prints what the checker found. Ends with 1 when anything but duplicates was found or a control held.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  },
})
const wanted = values.only.split(',').filter((name) => name !== '')
console.log(`seed ${values.seed}\n${heading}`)
for (const fault of faults) {
  if (wanted.length > 0 && !wanted.includes(fault.name)) continue
  const result = await resultOf(fault, Number(values.rounds), Number(values.seed))
  console.log(lineOf(result))
  if (!isSound(result, process.env.CI !== 'true')) process.exitCode = 1
}
