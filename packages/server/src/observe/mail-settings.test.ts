import { expect, test } from 'vitest'
import { readMailSettings } from './mail-settings.ts'

const url = 'smtps://user:password@mail.example.com'
const file = (lines: Record<string, unknown>) => `port: 8080\nsmtp: ${JSON.stringify(lines)}\n`

test.each([
  ['no file', null],
  ['a file without the section', 'port: 8080\n'],
  ['an empty section', 'smtp:\n'],
  ['an empty file', ''],
])('with %s no mail is sent', (_, text) => {
  expect(readMailSettings(text)).toEqual({ ok: true, mail: null })
})

test.each([
  ['several', ['a@example.com', 'b@example.com']],
  ['one', 'a@example.com'],
])('mail goes to %s', (_, to) => {
  expect(readMailSettings(file({ url, from: 'tidings@example.com', to }))).toEqual({
    ok: true,
    mail: { url, from: 'tidings@example.com', to: [to].flat() },
  })
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['another scheme', { url: 'https://mail.example.com' }, /^url: must be smtp/],
  ['no server', { url: 'smtp://' }, /^url: must be smtp/],
  ['no sender', { from: undefined }, /^from: must be/],
  ['a sender that is no address', { from: 'tidings' }, /^from: must be/],
  ['nobody to send to', { to: [] }, /^to: must be/],
  ['no list of addresses', { to: undefined }, /^to: must be/],
  ['one that is no address', { to: ['a@example.com', 'b'] }, /^to: must be/],
  ['a setting that there is not', { user: 'me' }, /^user: is not a setting/],
])('%s is refused', (_, rest, words) => {
  const result = readMailSettings(file({ url, from: 'tidings@example.com', to: ['a@example.com'], ...rest }))
  expect(result).toEqual({ ok: false, faults: [expect.stringMatching(words)] })
})

test('every fault is told at once', () => {
  expect(readMailSettings(file({}))).toMatchObject({ faults: { length: 3 } })
})
