import { expect, test } from 'vitest'
import { type Draft, draftBody, emptyDraft, isFilter, missingOf } from './draft.ts'

const whole: Draft = { ...emptyDraft, types: ['invoice.*'], url: 'https://example.com/hook' }

test('what is missing is told one after the other', () => {
  expect(missingOf(emptyDraft, true)).toBe('wizard.needsIntegration')
  expect(missingOf(emptyDraft, false)).toBe('wizard.needsTypes')
  expect(missingOf({ ...whole, url: 'example' }, false)).toBe('wizard.needsUrl')
  expect(missingOf({ ...whole, filter: '{"a":' }, false)).toBe('wizard.needsFilter')
  expect(missingOf(whole, false)).toBeNull()
})

test('only what was given is sent, and no digit of it is lost', () => {
  expect(JSON.parse(JSON.stringify(draftBody(whole)))).toEqual({
    dialect: 'standard',
    types: ['invoice.*'],
    endpoint: { url: 'https://example.com/hook' },
  })
  const body = draftBody({ ...whole, tenants: ['116015326147118083'], filter: '{"data.total":{"$gte":1000.00}}' })
  expect(JSON.stringify(body)).toContain('"tenants":[116015326147118083],"filter":{"data.total":{"$gte":1000.00}}')
})

test('a filter is an object', () => {
  expect(['', '{"type":"invoice.updated"}'].map(isFilter)).toEqual([true, true])
  expect(['[]', '1', 'null', '{'].map(isFilter)).toEqual([false, false, false, false])
})
