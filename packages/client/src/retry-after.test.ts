import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { retryAfterSeconds } from './retry-after.ts'

const nowMs = Date.UTC(2026, 0, 1)

test.each([
  ['30', 30],
  [' 30 ', 30],
  ['0', 1],
  ['000', 1],
  ['86401', 86_400],
  ['99999999999999999999', 86_400],
  [`1${'0'.repeat(400)}`, 86_400],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60],
  ['Thursday, 01-Jan-26 00:01:00 GMT', 60],
  ['Thu Jan  1 00:01:00 2026', 60],
  ['Thu Jan 01 00:01:00 2026', 60],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 1],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 1],
  ['Sun, 01 Jan 2034 00:00:00 GMT', 86_400],
  ['Wed, 31 Dec 2025 23:59:60 GMT', 1],
])('%s is %d s', (text, expected) => {
  expect(retryAfterSeconds(text, nowMs)).toBe(expected)
})

test.each([
  null,
  '',
  ' ',
  '-1',
  '-0',
  '+5',
  '1.5',
  '1e3',
  '0x10',
  '30s',
  'NaN',
  'Infinity',
  'soon',
  '30, 60',
  '2026-01-01T00:01:00Z',
  'Thu, 01 Jan 2026 00:01:00 CET',
  'Thu, 1 Jan 2026 00:01:00 GMT',
  'Thu, 31 Feb 2026 00:01:00 GMT',
  'Thu, 01 Foo 2026 00:01:00 GMT',
  'Thu, 01 Jan 2026 25:01:00 GMT',
])('%j is none: the delays of the client hold', (text) => {
  expect(retryAfterSeconds(text, nowMs)).toBeUndefined()
})

test('a date is GMT whatever the zone of the machine', () => {
  const script = `import { retryAfterSeconds } from ${JSON.stringify(fileURLToPath(new URL('./retry-after.ts', import.meta.url)))}
    console.log(retryAfterSeconds('Thu Jan  1 00:01:00 2026', ${nowMs}))`
  const env = { ...process.env, TZ: 'America/New_York' }
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' })
  expect(said.trim()).toBe('60')
})
