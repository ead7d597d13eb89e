import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { httpDateMs } from './http-date.ts'

const nowMs = Date.UTC(2026, 10, 30)

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
  ['Wed Dec 16 08:49:37 2026', '2026-12-16T08:49:37.000Z'],
  ['Tuesday, 01-Dec-26 00:00:00 GMT', '2026-12-01T00:00:00.000Z'],
  ['Monday, 30-Nov-76 00:00:00 GMT', '2076-11-30T00:00:00.000Z'],
  ['Tuesday, 30-Nov-77 00:00:00 GMT', '1977-11-30T00:00:00.000Z'],
  ['Sat, 31 Dec 2016 23:59:60 GMT', '2017-01-01T00:00:00.000Z'],
])('%s is %s', (text, iso) => {
  expect(new Date(httpDateMs(text, nowMs) ?? 0).toISOString()).toBe(iso)
})

test('a two-digit year near the end of a century belongs to the next one', () => {
  expect(httpDateMs('Friday, 01-Jan-00 00:00:00 GMT', Date.UTC(2099, 11, 31))).toBe(Date.UTC(2100, 0, 1))
})

test.each([
  '',
  'soon',
  '2026-12-01T00:00:00Z',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 CET',
  'Sun, 06 Nov 1994 08:49:37 +0100',
  'Sun, 31 Feb 2027 08:49:37 GMT',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun Nov  6 08:49:37 1994 GMT',
])('%j is no date of HTTP', (text) => {
  expect(httpDateMs(text, nowMs)).toBeNull()
})

test('every form is GMT, whatever the zone of the machine', () => {
  const program = `
    import { httpDateMs } from ${JSON.stringify(new URL('./http-date.ts', import.meta.url).href)}
    const forms = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']
    console.log(forms.map((form) => httpDateMs(form, 0)).join(), new Date(1e12).getHours())`
  const run = (zone: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    }).trim()
  const ms = Date.UTC(1994, 10, 6, 8, 49, 37)
  expect(run('Pacific/Kiritimati')).toBe(`${[ms, ms, ms].join()} 15`)
  expect(run('UTC')).toBe(`${[ms, ms, ms].join()} 1`)
})
