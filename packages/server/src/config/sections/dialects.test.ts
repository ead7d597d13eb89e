import { expect, test } from 'vitest'
import { sectionsOfText } from '../fixtures/file-text.ts'

const read = (text: string) => sectionsOfText(text).dialects

test('what a dialect is told is as the file has it', () => {
  const text = 'dialects: { fakturownia: { appName: myapp, locales: { 29302: en } } }'
  expect([...read(text)]).toEqual([['fakturownia', { appName: 'myapp', locales: { '29302': 'en' } }]])
  expect(read('port: 1').size).toBe(0)
})

test('each dialect checks its own settings, and every fault is told at once', () => {
  const text = 'dialects: { standard: { x: 1 }, nosuch: 5, fakturownia: { locale: de, locales: { 29302: fr } } }'
  expect(() => read(text)).toThrow(
    /^The configuration has 4 faults:\n.* dialects\.standard: has no settings\n.* dialects\.nosuch: has no settings\n.* dialects\.fakturownia\.locale: must be pl or en\n.* dialects\.fakturownia\.locales\.29302: must be pl or en$/,
  )
  expect(() => read('dialects: [a]')).toThrow('must be a mapping of dialects')
  expect(() => read('dialects: { fakturownia: 5 }')).toThrow('fakturownia: must be a mapping of settings')
})
