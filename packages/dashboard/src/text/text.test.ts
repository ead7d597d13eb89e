import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { en } from './en.ts'
import { nb } from './nb.ts'
import { nl } from './nl.ts'
import { pl } from './pl.ts'
import { sv } from './sv.ts'
import { format, type Language, preferredLanguage, type Text, type Texts } from './text.ts'

const all: Record<Language, Texts> = { en, sv, nb, nl, pl }
const keys = Object.keys(en) as (keyof typeof en)[]
const formsOf = (text: Text) => (typeof text === 'string' ? [text] : Object.values(text))
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

describe.each(Object.entries(all))('%s', (language, texts) => {
  test('has every text, none is empty, and none is of a key that is gone', () => {
    expect(Object.keys(texts).sort()).toEqual([...keys].sort())
    for (const key of keys) for (const form of formsOf(texts[key])) expect(form.trim(), key).not.toBe('')
  })

  test('takes the same values as English', () => {
    const expected = Object.fromEntries(keys.map((key) => [key, placeholders(formsOf(en[key]).at(-1)!)]))
    const actual = Object.fromEntries(keys.map((key) => [key, placeholders(formsOf(texts[key]).at(-1)!)]))
    expect(actual).toEqual(expected)
  })

  test('has every plural form that its rules ask for', () => {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    for (const key of keys) {
      const text = texts[key]
      if (typeof text !== 'string') expect(Object.keys(text).sort(), key).toEqual([...categories].sort())
    }
  })
})

test('every text is used', () => {
  const root = join(import.meta.dirname, '..')
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('text/') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n')
  // Keys that end in what the server names, as `reason.filtered`, are put together where they are used.
  const families = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix!)
  const unused = keys.filter(
    (key) => !sources.includes(`'${key}'`) && !families.some((prefix) => key.startsWith(prefix)),
  )
  expect(unused).toEqual([])
})

test('counts take the form of their language', () => {
  const text = { one: '{count} plik', few: '{count} pliki', many: '{count} plików', other: '{count} pliku' }
  expect([1, 3, 5, 22].map((count) => format(text, { count }, 'pl'))).toEqual([
    '1 plik',
    '3 pliki',
    '5 plików',
    '22 pliki',
  ])
})

test('the language is the first of the browser that the pages speak', () => {
  expect(preferredLanguage(['fi-FI', 'nn-NO', 'en'])).toBe('nb')
  expect(preferredLanguage(['de', 'sv-SE'])).toBe('sv')
  expect(preferredLanguage(['de'])).toBe('en')
})
