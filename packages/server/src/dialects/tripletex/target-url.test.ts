import { expect, test } from 'vitest'
import { sampleSubscription } from '../samples.ts'
import { shownTargetUrl, withoutUserinfo } from './target-url.ts'

const { endpoint } = sampleSubscription('tripletex')
const basic = { type: 'basic', username: 'a b', password: 'v1.sealed' } as const

test.each([
  ['as it was spelled', 'https://Example.com', 'https://example.com/', null, 'https://Example.com'],
  [
    'as it is now, when it was changed since',
    'https://example.com',
    'https://example.org/',
    null,
    'https://example.org/',
  ],
  [
    'without its password',
    'https://example.com/h?q=a@b',
    'https://example.com/h?q=a@b',
    basic,
    'https://a%20b:***@example.com/h?q=a@b',
  ],
  ['made natively', undefined, 'https://example.com/', null, 'https://example.com/'],
])('the target URL is shown %s', (_name, targetUrl, url, auth, shown) => {
  const settings = targetUrl === undefined ? {} : { targetUrl }
  expect(shownTargetUrl({ endpoint: { ...endpoint, url, auth }, settings })).toBe(shown)
})

test.each([
  ['https://u:p@example.com/x', 'https://example.com/x'],
  ['HTTPS://u:p@example.com', 'HTTPS://example.com'],
  ['https://example.com/@x?y=@', 'https://example.com/@x?y=@'],
])('credentials of %s are left out of the spelling', (url, bare) => {
  expect(withoutUserinfo(url)).toBe(bare)
})
