import { describe, expect, test } from 'vitest'
import {
  addTenants,
  claims,
  type OwnTokens,
  openFortnox,
  patience,
  startOwnTokens,
  statusOf,
} from './fixtures/own-tokens.ts'

describe('on the Fortnox stream', () => {
  const listen = async (own: OwnTokens, ...tokens: string[]) => {
    const client = await openFortnox(own)
    const added = await client.ask(addTenants(...tokens))
    await client.ask({ command: 'add-topics-v1', topics: [{ topic: 'invoices' }] })
    await client.ask({ command: 'subscribe-v1' })
    return { client, added }
  }

  test('tokens of both kinds bring their tenants, and expiry takes them away', async () => {
    const own = await startOwnTokens()
    const exp = Math.floor(own.clock.now() / 1_000) + 60
    const jwt = await own.local.sign({ ...claims, exp })
    const opaque = own.opaque('opaque', { tenant_id: 29303 })
    const { client, added } = await listen(own, jwt, opaque)
    expect(added).toMatchObject({ result: 'ok', tenantIds: { [`Bearer ${jwt}`]: 29302, [`Bearer ${opaque}`]: 29303 } })
    await own.publish('1')
    expect(await client.next()).toMatchObject({ tenantId: 29302, entityId: '1' })
    await own.clock.advance(62_000)
    expect(await client.next()).toMatchObject({
      response: 'tenants-removed-v1',
      tenants: [29302],
      reason: 'token-expired',
    })
    await own.publish('2')
    await own.publish('3', { tenantId: 29303 })
    expect(await client.next()).toMatchObject({ tenantId: 29303, entityId: '3' })
  })

  test('a revoked token takes its tenant along within seconds, and the connection lives on', async () => {
    const own = await startOwnTokens()
    const [going, staying] = [own.opaque('going'), own.opaque('staying', { tenant_id: 29303 })]
    const { client } = await listen(own, going, staying)
    own.local.opaque.delete(going)
    const notice = client.next()
    await own.clock.advance(7_000)
    await expect.poll(() => statusOf(own, going), patience).toBe(401)
    await own.clock.advance(2_000)
    expect(await notice).toMatchObject({ response: 'tenants-removed-v1', tenants: [29302], reason: 'token-revoked' })
    await own.publish('2')
    await own.publish('3', { tenantId: 29303 })
    expect(await client.next()).toMatchObject({ tenantId: 29303, entityId: '3' })
  })

  test('wrong tokens are named, and nobody is asked for whoever does not know the client secret', async () => {
    const own = await startOwnTokens()
    const client = await openFortnox(own)
    const stranger = { ...addTenants(own.opaque('good')), clientSecret: 'guessed' }
    expect(await client.ask(stranger)).toMatchObject({ result: 'error', invalidTokens: ['Bearer good'] })
    expect(own.local.questions).toEqual([])
    expect(await client.ask(addTenants('good', 'bad'))).toMatchObject({
      result: 'error',
      invalidTokens: ['Bearer bad'],
    })
    expect(await client.ask(addTenants('good'))).toMatchObject({ result: 'ok' })
  })

  test('an authority that is down refuses a new token by name and leaves the connection be', async () => {
    const own = await startOwnTokens()
    const { client } = await listen(own, own.opaque('known'))
    own.local.isDown = true
    expect(await client.ask(addTenants(own.opaque('fresh')))).toMatchObject({ invalidTokens: ['Bearer fresh'] })
    await own.publish('1')
    expect(await client.next()).toMatchObject({ tenantId: 29302, entityId: '1' })
  })

  test('a hundred tokens at once: the keys are fetched once, and the grants share their commits', async () => {
    const own = await startOwnTokens()
    const tenantIds = Array.from({ length: 100 }, (_, index) => 1_000 + index)
    for (const id of tenantIds) await own.operate('POST', '/v1/tenants', { id })
    const tokens = await Promise.all(tenantIds.map((tenant_id) => own.local.sign({ ...claims, tenant_id })))
    const client = await openFortnox(own)
    expect(await client.ask(addTenants(...tokens))).toMatchObject({ result: 'ok' })
    expect(await client.ask({ command: 'list-tenants-v1' })).toMatchObject({ tenantIds })
    expect(own.local.keyFetches).toBe(1)
  })
})
