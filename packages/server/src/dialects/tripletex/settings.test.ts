import { expect, test } from 'vitest'
import { checkTripletexSettings } from './settings.ts'

test('natively the spelling is the one setting', () => {
  expect(checkTripletexSettings({ targetUrl: 'https://example.com' })).toEqual([])
  expect(checkTripletexSettings({})).toEqual([])
  for (const targetUrl of [5, 'example.com', 'https://u:p@example.com', `https://example.com/${'x'.repeat(255)}`]) {
    expect(checkTripletexSettings({ targetUrl })).toMatchObject([{ pointer: '/settings/targetUrl' }])
  }
  expect(checkTripletexSettings({ 'a/b': 1 })).toMatchObject([{ pointer: '/settings/a~1b', code: 'unknown_field' }])
})
