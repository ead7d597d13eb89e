import { expect, test } from 'vitest'
import { helpOf, parseOptions } from './options.ts'

const names = ['kill -9', 'full disk']
const parse = (...given: string[]) => parseOptions(given, names, 7)

test('without options every fault is made ten times', () => {
  expect(parse()).toEqual({ kind: 'run', options: { rounds: 10, seed: 7, faults: names } })
})

test('rounds, faults and the seed are as they are given', () => {
  expect(parse('--rounds', '50', '--fault', 'full disk', '--seed', '0')).toEqual({
    kind: 'run',
    options: { rounds: 50, seed: 0, faults: ['full disk'] },
  })
})

test.each([
  ['--rounds', 'abc'],
  ['--rounds', '0'],
  ['--rounds', '1.5'],
  ['--rounds', ''],
  ['--rounds=-1'],
  ['--rounds', '99999999999999999999'],
  ['--seed', 'x'],
  ['--seed', '4294967296'],
  ['--fault', 'flood'],
  ['--round', 'many'],
  ['50'],
])('%s %s is refused with what is wrong', (...given) => {
  const [option, value = option] = given
  expect(parse(...given)).toEqual({
    kind: 'refused',
    reason: expect.toSatisfy((reason) => namesOne(reason, option!, value!)),
  })
})

function namesOne(reason: string, option: string, value: string): boolean {
  return reason.includes(option.replace(/=.*$/, '')) || reason.includes(value)
}

test('help names the options and the faults', () => {
  expect(parse('--rounds', 'abc', '--help')).toEqual({ kind: 'help' })
  for (const word of ['--rounds', '--fault', '--seed', ...names]) expect(helpOf(names)).toContain(word)
})
