import { expect, test } from 'vitest'
import { plainAppearance } from '../../core/appearance/appearance.ts'
import { sectionsOfText } from '../fixtures/file-text.ts'

const read = (text: string) => sectionsOfText(text).appearance

test('the section is read, and nothing is needed', () => {
  expect(read('port: 1\n')).toEqual(plainAppearance)
  expect(read('appearance: { name: Bygg, colors: { accent: "#1a7f5a" } }\n')).toEqual({
    name: 'Bygg',
    logo: null,
    colors: { accent: '#1a7f5a' },
  })
})

test('every fault is told with its place', () => {
  expect(() => read('appearance: { name: 3, colors: { accent: red } }\n')).toThrow(
    /2 faults:\n.*appearance\.name: must be .*\n.*appearance\.colors\.accent: must be a colour/,
  )
  expect(() => read('appearance: red\n')).toThrow('appearance: must be a mapping')
})
