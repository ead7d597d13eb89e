import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { exitCodes, exitMeanings } from './console/exit-code.ts'
import { buildProgram } from './program.ts'

const reference = readFileSync(new URL('../../../../docs/reference/cli.md', import.meta.url), 'utf8')

test('the reference names every command and what stands below it', () => {
  for (const command of buildProgram().commands) {
    const row = reference.split('\n').find((line) => line.startsWith(`| \`${command.name()}`))
    expect(row, command.name()).toBeDefined()
    for (const below of command.commands) expect(row).toMatch(new RegExp(`[ ,]${below.name()}\\b`))
  }
})

test('the reference has the table of exit codes', () => {
  for (const [name, meaning] of Object.entries(exitMeanings))
    expect(reference).toContain(`| ${exitCodes[name as keyof typeof exitCodes]} | ${meaning} |`)
})
