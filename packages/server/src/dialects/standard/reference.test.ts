import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { LiveSecret } from '../../core/dialect/dialect.ts'
import { makeEd25519Keys, makeHmacSecret } from '../../core/dialect/signature-secret.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../samples.ts'
import { standardDialect } from './dialect.ts'

type IsGenuine = (key: string, headers: Record<string, string>, body: Buffer, nowMs?: number) => boolean

const page = readFileSync(new URL('../../../../../docs/reference/standard.md', import.meta.url), 'utf8')
const code = /<!-- example: verify -->\n```js\n([\s\S]*?)```/.exec(page)![1]!
const { isGenuine } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { isGenuine: IsGenuine }

const keys = makeEd25519Keys(new Uint8Array(32).fill(3))
const current = makeHmacSecret(new Uint8Array(32).fill(1))
const former = makeHmacSecret(new Uint8Array(32).fill(2))
const secrets: LiveSecret[] = [
  { algorithm: 'ed25519', secret: keys.privateKey },
  { algorithm: 'hmac-sha256', secret: current },
  { algorithm: 'hmac-sha256', secret: former },
]
const nowMs = 1_514_469_556_500
const event = sampleEvent('{"tenantId":1,"type":"invoice.updated","entityId":"Þ 😀","id":"1"}')
const request = standardDialect.webhook.encode([sampleDelivery(event)], {
  subscription: sampleSubscription('standard'),
  secrets,
  nowMs,
})
const headers = Object.fromEntries(request.headers)
const body = Buffer.from(request.body!, 'utf8')

describe('the example of the reference page', () => {
  test.each([current, former, keys.publicKey])('takes a genuine request, by %s', (key) => {
    expect(isGenuine(key, headers, body, nowMs)).toBe(true)
  })

  test.each([current, keys.publicKey])('refuses a changed or an old one, by %s', (key) => {
    expect(isGenuine(key, headers, Buffer.from(`${request.body} `), nowMs)).toBe(false)
    expect(isGenuine(key, { ...headers, 'webhook-id': 'dlv_2' }, body, nowMs)).toBe(false)
    expect(isGenuine(key, headers, body, nowMs + 302_000)).toBe(false)
    expect(isGenuine(key, { ...headers, 'webhook-timestamp': 'soon' }, body, nowMs)).toBe(false)
  })

  test('refuses keys that did not sign', () => {
    expect(isGenuine(makeHmacSecret(new Uint8Array(32).fill(9)), headers, body, nowMs)).toBe(false)
    expect(isGenuine(makeEd25519Keys(new Uint8Array(32).fill(9)).publicKey, headers, body, nowMs)).toBe(false)
  })
})
