import { readFileSync } from 'node:fs'
import { totalsLine, type VitestReport } from './totals.ts'

/** The reports of Vitest that are given; one that could not be written is null. */
const reports = process.argv.slice(2).map((path): VitestReport | null => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    console.error(`No report of the tests in ${path}: ${(error as Error).message}`)
    return null
  }
})
const { line, hasPassed } = totalsLine(reports)
console.log(line)
process.exitCode = hasPassed ? 0 : 1
