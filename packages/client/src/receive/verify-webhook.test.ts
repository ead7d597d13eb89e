import { generateKeyPairSync, sign } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { SignatureError } from '../errors.ts'
import { verifyWebhook } from './verify-webhook.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const nowMs = Date.UTC(2026, 0, 31, 12)
const body = '{"type":"invoice.updated","tenantId":1,"data":{"total":12345678901234567.89}}'
const event = { type: 'invoice.updated', tenantId: 1 }

/** Signed by an implementation that shares nothing with this package. */
function signed(text: string, atMs = nowMs) {
  return {
    'Webhook-Id': 'dlv_1',
    'webhook-timestamp': String(Math.floor(atMs / 1_000)),
    'webhook-signature': new Webhook(secret).sign('dlv_1', new Date(atMs), text),
  }
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SignatureError)
  return (error as SignatureError).code
}

test('a webhook with a good signature gives its events, digits and all', async () => {
  const { deliveryId, events } = await verifyWebhook({ headers: signed(body), body, secrets: secret, nowMs })
  expect(deliveryId).toBe('dlv_1')
  expect(events).toMatchObject([event])
  expect(events[0]!.raw).toBe(body)
})

test('bytes, Headers and batches are taken too', async () => {
  const batch = `[${body}, ${body}]`
  const headers = new Headers(signed(batch))
  const { events } = await verifyWebhook({ headers, body: Buffer.from(batch), secrets: [secret], nowMs })
  expect(events.map(({ raw }) => raw)).toEqual([body, body])
})

test('one of several secrets and one of several signatures suffice', async () => {
  const headers = signed(body)
  headers['webhook-signature'] = `v1,AAAA v2,x ${headers['webhook-signature']}`
  const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  await expect(verifyWebhook({ headers, body, secrets: [other, secret], nowMs })).resolves.toMatchObject({
    events: [event],
  })
})

describe('Ed25519', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const verifier = `whpk_${raw.toString('base64')}`
  const timestamp = String(nowMs / 1_000)
  const signature = sign(null, Buffer.from(`dlv_1.${timestamp}.${body}`), privateKey).toString('base64')
  const headers = { 'webhook-id': 'dlv_1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1a,${signature}` }

  test('its signature is verified with the public key', async () => {
    await expect(verifyWebhook({ headers, body, secrets: verifier, nowMs })).resolves.toMatchObject({ events: [event] })
  })

  test('it does not pass as the other kind', async () => {
    const relabelled = { ...headers, 'webhook-signature': `v1,${signature}` }
    expect(await faultOf(verifyWebhook({ headers: relabelled, body, secrets: verifier, nowMs }))).toBe('no_match')
  })
})

test.each([
  ['another body', { body: `${body} ` }, 'no_match'],
  ['another secret', { secrets: `whsec_${Buffer.alloc(32, 9).toString('base64')}` }, 'no_match'],
  ['no secrets', { secrets: [] }, 'invalid_key'],
  ['an empty secret', { secrets: ['', secret] }, 'invalid_key'],
  ['a secret that is none', { secrets: 'whsec_*' }, 'invalid_key'],
  ['a private key', { secrets: `whsk_${Buffer.alloc(32).toString('base64')}` }, 'invalid_key'],
  ['five minutes and a second ago', { nowMs: nowMs + 301_000 }, 'too_old'],
  ['five minutes and a second ahead', { nowMs: nowMs - 301_000 }, 'too_new'],
  ['no signature', { headers: { ...signed(body), 'webhook-signature': undefined } }, 'missing_header'],
  ['a timestamp that is none', { headers: { ...signed(body), 'webhook-timestamp': '1e9' } }, 'invalid_timestamp'],
])('%s is refused', async (_name, change, code) => {
  expect(await faultOf(verifyWebhook({ headers: signed(body), body, secrets: secret, nowMs, ...change }))).toBe(code)
})

test('the tolerance can be another, and its edge still counts', async () => {
  const options = { headers: signed(body), body, secrets: secret, toleranceSeconds: 10 }
  await expect(verifyWebhook({ ...options, nowMs: nowMs + 10_000 })).resolves.toBeDefined()
  expect(await faultOf(verifyWebhook({ ...options, nowMs: nowMs + 11_000 }))).toBe('too_old')
})
