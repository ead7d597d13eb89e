import { expect, test } from 'vitest'
import { checkCloudEventsSettings, cloudEventsSettings } from './settings.ts'

test.each([
  [{}, null, { mode: 'structured', origin: null }],
  [{ mode: 'binary' }, null, { mode: 'binary', origin: null }],
  [{ mode: 'batched', origin: 'hooks.example.com' }, null, { mode: 'batched', origin: 'hooks.example.com' }],
  [{ mode: 'binary' }, { maxEvents: 2, maxWaitMs: 0 }, { mode: 'batched', origin: null }],
  [{ mode: 7, origin: 7 }, null, { mode: 'structured', origin: null }],
])('%j, batch %j', (settings, batch, read) => {
  expect(cloudEventsSettings({ settings, batch })).toEqual(read)
})

test('a client chooses the mode, and nothing else', () => {
  expect(checkCloudEventsSettings({})).toEqual([])
  expect(checkCloudEventsSettings({ mode: 'batched' })).toEqual([])
  expect(checkCloudEventsSettings({ mode: 'avro', 'a/b~': 1, origin: 'x' })).toMatchObject([
    { pointer: '/settings/mode', code: 'invalid_value' },
    { pointer: '/settings/a~1b~0', code: 'unknown_field' },
    { pointer: '/settings/origin', code: 'unknown_field' },
  ])
})
