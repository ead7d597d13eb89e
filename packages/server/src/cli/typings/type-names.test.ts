import { expect, test } from 'vitest'
import { TakenNames } from './type-names.ts'

test.each([
  [['invoice.updated', 'data'], 'InvoiceUpdatedData'],
  [['order-line.created', 'data'], 'OrderLineCreatedData'],
  [['2nd', 'line'], 'Type2ndLine'],
  [['*/ evil', '"'], 'Evil'],
  [['fødselsår'], 'Fødselsår'],
  [['"'], 'Type'],
])('%j is %s', (words, name) => {
  expect(new TakenNames().take(...words)).toBe(name)
})

test('a name is given once', () => {
  const names = new TakenNames()
  expect([names.take('a-b.c'), names.take('a.b-c'), names.take('ABC')]).toEqual(['ABC', 'ABC2', 'ABC3'])
})
