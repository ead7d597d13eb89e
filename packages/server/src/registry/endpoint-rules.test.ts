import { expect, test } from 'vitest'
import { strictPolicy } from '../core/address/endpoint-policy.ts'
import { EndpointRules } from './endpoint-rules.ts'

const rules = new EndpointRules(strictPolicy, { isUsableTls: ({ key }) => key === 'a key' })

test('an endpoint’s URL is checked by the server’s policy, and kept as it was parsed', () => {
  expect(rules.isAllowedUrl('https://example.com/hook')).toBe(true)
  expect(rules.isAllowedUrl('http://example.com/hook')).toBe(false)
  expect(rules.urlOf('https://EXAMPLE.com/hook')).toBe('https://example.com/hook')
  expect(() => rules.urlOf('http://example.com/hook')).toThrow(expect.objectContaining({ code: 'invalid_request' }))
})

test('credentials in a URL are taken where that is asked for', () => {
  expect(rules.check('https://a:b@example.com/')).toEqual({ ok: false })
  expect(rules.check('https://a:b@example.com/', { allowUserinfo: true })).toEqual({
    ...{ ok: true, url: 'https://example.com/', credentials: { username: 'a', password: 'b' } },
  })
})

test('whether TLS material can be used is for those to say who use it', () => {
  expect([rules.isUsableTls({ key: 'a key' }), rules.isUsableTls({})]).toEqual([true, false])
})
