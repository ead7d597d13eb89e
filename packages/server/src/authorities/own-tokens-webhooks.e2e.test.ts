import { describe, expect, test } from 'vitest'
import { startLiveReceiver } from '../dialects/fixtures/live.ts'
import {
  addTenants,
  claims,
  feed,
  type OwnTokens,
  openFortnox,
  patience,
  payroll,
  startOwnTokens,
  statusOf,
} from './fixtures/own-tokens.ts'

describe('webhooks', () => {
  const subscribe = async (own: OwnTokens, token: string, url: string) => {
    const made = await own.call('POST', '/v1/subscriptions', token, { endpoint: { url }, types: ['invoice.*'] })
    expect(made.status).toBe(201)
    return made.json.id as string
  }

  test('go on from one short-lived token to the next, and end a day after the last', async () => {
    const own = await startOwnTokens()
    const receiver = await startLiveReceiver(own.clock)
    const hour = 3_600_000
    const token = (jti: string) => own.local.sign({ ...claims, jti })
    await subscribe(own, await token('1'), receiver.url)
    const arrives = async (entityId: string) => {
      await own.publish(entityId)
      expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({ entityId })
    }
    await arrives('1')
    await own.clock.advance(24 * hour)
    await arrives('between two tokens')
    expect(await statusOf(own, await token('2'))).toBe(200)
    await own.clock.advance(24 * hour)
    await arrives('after the second')
    await own.clock.advance(2 * hour)
    await own.publish('too late')
    expect(await statusOf(own, await token('3'))).toBe(200)
    await arrives('with the third')
    expect(receiver.requests).toHaveLength(4)
  })

  test('end within seconds of a revocation, what waits for a retry too', async () => {
    const own = await startOwnTokens()
    const receiver = await startLiveReceiver(own.clock)
    const token = own.opaque('revoked-later')
    await subscribe(own, token, receiver.url)
    receiver.answer = 500
    await own.publish('waits')
    await receiver.next()
    own.local.opaque.delete(token)
    const grants = async () => (await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items
    expect(await grants()).toMatchObject([{ tenantId: 29302, authority: 'legacy', types: ['customer.*', 'invoice.*'] }])
    await own.clock.advance(4_000)
    await own.clock.advance(3_000)
    await expect.poll(grants, patience).toEqual([])
    const before = receiver.requests.length
    receiver.answer = 200
    await own.publish('never')
    await own.clock.advance(86_400_000)
    expect(receiver.requests).toHaveLength(before)
  })

  test('with grantLastsSeconds 0 the grant ends with its token', async () => {
    const own = await startOwnTokens('grantLastsSeconds: 0')
    const receiver = await startLiveReceiver(own.clock)
    await subscribe(own, await own.local.sign(claims), receiver.url)
    await own.publish('1')
    await receiver.next()
    await own.clock.advance(3_600_000)
    await own.publish('2')
    const fresh = await own.local.sign({ ...claims, jti: '2' })
    expect(await statusOf(own, fresh)).toBe(200)
    await own.publish('3')
    expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({ entityId: '3' })
  })

  test('outlive a restart, and so does the hold of a revocation', async () => {
    const own = await startOwnTokens()
    const receiver = await startLiveReceiver(own.clock)
    const token = own.opaque('kept')
    await subscribe(own, token, receiver.url)
    await own.restart()
    await own.publish('1')
    expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({ entityId: '1' })
    own.local.opaque.delete(token)
    await own.restart()
    const grants = async () => (await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items
    await own.clock.advance(2_000)
    await expect.poll(grants, patience).toEqual([])
  })

  test('the operator ends a grant at once, and its token proves nothing any more', async () => {
    const own = await startOwnTokens()
    const token = await own.local.sign(claims)
    const client = await openFortnox(own)
    await client.ask(addTenants(token))
    await client.ask({ command: 'subscribe-v1' })
    const [grant] = (await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items
    const notice = client.next()
    await own.operate('DELETE', `/v1/integrations/${own.integrationId}/tokens/${grant.id}`)
    expect(await statusOf(own, token)).toBe(401)
    await own.clock.advance(2_000)
    expect(await notice).toMatchObject({ tenants: [29302], reason: 'token-revoked' })
    expect(await statusOf(own, await own.local.sign({ ...claims, jti: 'new' }))).toBe(200)
  })

  test('the integration reads with its own secret what its tokens granted', async () => {
    const own = await startOwnTokens()
    await own.publish('1')
    const basic = `Basic ${Buffer.from(`${payroll.clientId}:${payroll.clientSecret}`).toString('base64')}`
    expect((await own.callAs(basic, 'GET', feed)).json.events).toEqual([])
    await statusOf(own, await own.local.sign(claims))
    expect((await own.callAs(basic, 'GET', feed)).json.events).toHaveLength(1)
  })

  test('an authority that is configured no more grants nothing', async () => {
    const own = await startOwnTokens()
    const token = await own.local.sign(claims)
    expect(await statusOf(own, token)).toBe(200)
    await own.restart('logLevel: silent')
    expect(await statusOf(own, token)).toBe(401)
    expect((await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items).toEqual([])
  })

  test('a key that was withdrawn takes its tokens and their grant along within minutes', async () => {
    const own = await startOwnTokens()
    const token = await own.local.sign({ ...claims, exp: Math.floor(own.clock.now() / 1_000) + 86_400 })
    expect(await statusOf(own, token)).toBe(200)
    await own.local.rotate()
    const grants = async () => {
      await own.clock.advance(30_000)
      return (await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items
    }
    await own.clock.advance(300_000)
    await expect.poll(grants, patience).toEqual([])
    expect(await statusOf(own, token)).not.toBe(200)
    expect(await statusOf(own, await own.local.sign(claims))).toBe(200)
  })

  test('a tenant that is deleted takes its recognised tokens along', async () => {
    const own = await startOwnTokens()
    await statusOf(own, own.opaque('old'))
    await statusOf(own, await own.local.sign(claims))
    await own.operate('DELETE', `/v1/tenants/29302`)
    expect(await statusOf(own, 'old')).toBe(401)
    expect((await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items).toEqual([])
  })
})
