// Run by npm after it changed what is installed: puts the packages of other platforms into the lock file that npm left out.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { completed, type Lock } from './lock.ts'

const path = join(import.meta.dirname, '..', 'package-lock.json')
const text = readFileSync(path, 'utf8')
const whole = `${JSON.stringify(completed(JSON.parse(text) as Lock), null, 2)}\n`
if (whole !== text) writeFileSync(path, whole)
