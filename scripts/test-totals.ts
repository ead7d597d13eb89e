import { readFileSync } from 'node:fs'
import { totalsLine, type VitestReport } from './totals.ts'

const { line, hasPassed } = totalsLine(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as VitestReport)
console.log(line)
process.exitCode = hasPassed ? 0 : 1
