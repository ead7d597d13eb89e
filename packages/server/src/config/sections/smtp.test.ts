import { expect, test } from 'vitest'
import { AppError } from '../../core/errors.ts'
import { sectionsOfText } from '../fixtures/file-text.ts'

const url = 'smtps://user:hunter2@mail.example.com'
const read = (text: string) => sectionsOfText(text).smtp
const file = (lines: Record<string, unknown>) => `port: 8080\nsmtp: ${JSON.stringify(lines)}\n`

function faultsOf(text: string): string[] {
  try {
    read(text)
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.message).not.toContain('hunter2')
    return error.errors.map(({ pointer, detail }) => `${pointer.replace('tidings.yaml line 2: smtp', '')} ${detail}`)
  }
}

test.each([
  ['a file without the section', 'port: 8080\n'],
  ['an empty section', 'smtp:\n'],
  ['an empty file', ''],
])('with %s no mail is sent', (_, text) => {
  expect(read(text)).toBeNull()
})

test.each([
  ['several', ['a@example.com', 'b@example.com']],
  ['one', 'a@example.com'],
])('mail goes to %s', (_, to) => {
  expect(read(file({ url, from: 'tidings@example.com', to }))).toEqual({
    ...{ url, from: 'tidings@example.com' },
    to: [to].flat(),
  })
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['another scheme', { url: 'https://user:hunter2@mail.example.com' }, /^\.url must be smtp/],
  ['no server', { url: 'smtp://' }, /^\.url must be smtp/],
  ['no sender', { from: undefined }, /^\.from must be/],
  ['a sender that is no address', { from: 'tidings' }, /^\.from must be/],
  ['nobody to send to', { to: [] }, /^\.to must be/],
  ['no list of addresses', { to: undefined }, /^\.to must be/],
  ['one that is no address', { to: ['a@example.com', 'b'] }, /^\.to must be/],
  ['a setting that there is not', { user: 'me' }, /^\.user is not a setting; there are url, from and to$/],
])('%s is refused', (_, rest, words) => {
  const faults = faultsOf(file({ url, from: 'tidings@example.com', to: ['a@example.com'], ...rest }))
  expect(faults).toEqual([expect.stringMatching(words)])
})

test('every fault is told at once', () => {
  expect(faultsOf(file({}))).toHaveLength(3)
  expect(faultsOf('port: 1\nsmtp: mail.example.com')).toEqual([' must be a mapping of settings'])
})
