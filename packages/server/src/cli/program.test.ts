import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { errorCodes } from '../core/errors.ts'
import { exitCodes, exitMeanings } from './console/exit-code.ts'
import { buildProgram } from './program.ts'

function everyCommand(command: Command, path = command.name()): readonly (readonly [path: string, command: Command])[] {
  return [[path, command], ...command.commands.flatMap((next) => everyCommand(next, `${path} ${next.name()}`))]
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) })
  command.outputHelp()
  return text
}

test.each(everyCommand(buildProgram()))('%s has an example that it understands', (path, command) => {
  const help = helpOf(command)
  const examples = [...help.matchAll(/^ {2}\$ (?:.*\| |source <\()?(tidings .*?)\)?$/gm)].map((match) => match[1]!)
  expect(help).toContain('Example:')
  expect(examples.length, path).toBeGreaterThan(0)
  for (const example of examples) {
    const words = example
      .split(' > ')[0]!
      .match(/"[^"]*"|\S+/g)!
      .map((word) => word.replaceAll('"', ''))
    const named = everyCommand(buildProgram()).find(([name]) => words.join(' ').startsWith(name) && name !== 'tidings')
    expect(named, example).toBeDefined()
    const known = everyCommand(buildProgram())
      .filter(([name]) => `${words.join(' ')} `.startsWith(`${name} `))
      .at(-1)![1]
    const options = known.options.map(({ long }) => long)
    for (const word of words.filter((each) => each.startsWith('--'))) expect(options, example).toContain(word)
  }
})

test('help fits 80 columns', () => {
  for (const [path, command] of everyCommand(buildProgram())) {
    const isExample = (line: string) => line.startsWith('  $ ')
    for (const line of helpOf(command)
      .split('\n')
      .filter((each) => !isExample(each)))
      expect(line.length, `${path}: ${line}`).toBeLessThanOrEqual(80)
  }
})

test('every exit code has a meaning of its own', () => {
  expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitMeanings).length)
  expect(errorCodes.length).toBeGreaterThan(0)
})
