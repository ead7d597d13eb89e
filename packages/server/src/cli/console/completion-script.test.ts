import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { dialectNames, streamDialectNames } from '../../core/dialect/dialect-names.ts'
import { dialects } from '../../dialects/dialects.ts'
import { buildProgram } from '../program.ts'
import { completionScript } from './completion-script.ts'

const bash = completionScript('bash', buildProgram())

/** What bash offers for a line, cursor at its end. */
function offered(line: string): string[] {
  const words = line.split(' ')
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const script = `${bash}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _tidings; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout.trim().split('\n')
}

describe('bash', () => {
  test('it parses', () => {
    expect(spawnSync('bash', ['-n'], { input: bash, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })

  test.each([
    ['tidings publ', ['publish']],
    ['tidings subscriptions ro', ['rotate-secret']],
    ['tidings subscriptions create https://x --typ', ['--types']],
    ['tidings --json keys cr', ['create']],
    ['tidings keys create --kind ', ['pub', 'admin', 'portal']],
    ['tidings deliveries list --status wai', ['waiting']],
    ['tidings start --allow-n', ['--allow-networks']],
    ['tidings start --allow-http ', ['true', 'false']],
    ['tidings start --tenants ', ['any', 'strict']],
    ['tidings start --log-level ', ['trace', 'debug', 'info', 'warn', 'error', 'silent']],
    ['tidings emulate trip', ['tripletex']],
    ['tidings event-types list --dialect f', ['fortnox', 'fakturownia']],
    ['tidings subscriptions create https://x --dialect f', ['fakturownia']],
    ['tidings audit --action ', ['created', 'changed', 'deleted', 'requested']],
    ['tidings audit --int', ['--integration']],
    ['tidings completion z', ['zsh']],
  ])('%s', (line, expected) => {
    expect(offered(line)).toEqual(expected)
  })

  test('every command is offered', () => {
    const all = offered('tidings ')
    for (const command of buildProgram().commands) expect(all).toContain(command.name())
  })
})

test('the names of dialects are those that there are', () => {
  expect(dialects.map(({ name }) => name).sort()).toEqual([...dialectNames].sort())
  expect(dialects.flatMap(({ name, webhook }) => (webhook ? [] : name))).toEqual(streamDialectNames)
})

test('fish knows what a value may be', () => {
  const fish = completionScript('fish', buildProgram())
  for (const name of dialectNames) expect(fish).toContain(`-n '__tidings_is_at emulate' -a ${name}\n`)
  expect(fish).toMatch(/-l dialect .* -x -a '[^']*tripletex/)
})

test('fish and zsh have every command too', () => {
  const program = buildProgram()
  const fish = completionScript('fish', program)
  const zsh = completionScript('zsh', program)
  expect(zsh.startsWith('#compdef tidings\n')).toBe(true)
  for (const command of program.commands) {
    expect(fish).toContain(`-a ${command.name()} -d '`)
    expect(zsh).toContain(command.name())
  }
})
