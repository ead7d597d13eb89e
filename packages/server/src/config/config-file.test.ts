import { expect, test } from 'vitest'
import { parseConfigFile } from './config-file.ts'
import type { Fault } from './fault.ts'

function parsed(text: string) {
  const faults: Fault[] = []
  return { file: parseConfigFile('tidings.yaml', text, faults), faults }
}

test('a place has the line on which the value begins, or its nearest holder', () => {
  const { file } = parsed('port: 1\nsmtp:\n  url: x\n  to:\n    - a\n    - b\n')
  expect(file?.placeOf(['port'])).toBe('tidings.yaml line 1: port')
  expect(file?.placeOf(['smtp', 'to', '1'])).toBe('tidings.yaml line 6: smtp.to.1')
  expect(file?.placeOf(['smtp', 'from'])).toBe('tidings.yaml line 3: smtp.from')
})

test('keys keep their digits: some are the ids of tenants', () => {
  const { file } = parsed('dialects: { fakturownia: { locales: { 9007199254740993: en } } }')
  expect(JSON.stringify(file?.content)).toBe('{"dialects":{"fakturownia":{"locales":{"9007199254740993":"en"}}}}')
})

test('a fault of the grammar has its line, and shows none of the secrets on it', () => {
  const { file, faults } = parsed('port: 1\nadminKey: "hunter2" hunter2\nport: 2\n')
  expect(file).toBeNull()
  expect(faults.map(({ place }) => place)).toEqual(['tidings.yaml line 2', 'tidings.yaml line 3'])
  expect(JSON.stringify(faults)).not.toContain('hunter2')
})

test.each(['a: *none', '- a', '5'])('%j is no configuration', (text) => {
  const { file, faults } = parsed(text)
  expect(file).toBeNull()
  expect(faults).toHaveLength(1)
})

test('aliases of aliases do not unfold', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 12; level++)
    lines.push(
      `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    )
  expect(parsed(lines.join('\n')).faults).toHaveLength(1)
})
