import { expect, test } from 'vitest'
import { languages, testReceivers } from './receivers.ts'

test('the page has a receiver for each language', () => {
  expect(languages.onPage).toEqual(languages.known)
})

testReceivers(['node', 'python'])
