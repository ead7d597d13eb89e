import { describe, expect, test } from 'vitest'
import { startLiveReceiver } from '../dialects/live-fixture.ts'
import { addTenants, claims, type OwnTokens, openFortnox, payroll, startOwnTokens } from './own-tokens-fixture.ts'

const feed = '/v1/topics/invoices/events'
/** For what the server does in the background, on a machine that is busy. */
const patience = { timeout: 20_000 }
const statusOf = async (own: OwnTokens, token: string, path = feed) => (await own.call('GET', path, token)).status

describe('over HTTP', () => {
  test('a JWT of the issuer reads its tenant, and no other', async () => {
    const own = await startOwnTokens()
    await own.publish('1')
    await own.publish('2', { tenantId: 29303 })
    const token = await own.local.sign(claims)
    const { status, json } = await own.call('GET', feed, token)
    expect(status).toBe(200)
    expect(json.events.map(({ entityId }: { entityId: string }) => entityId)).toEqual(['1'])
  })

  test('an opaque token shows the types that it names', async () => {
    const own = await startOwnTokens()
    await own.publish('1')
    await own.publish('2', { type: 'order.created' })
    const token = own.opaque('opaque-1')
    expect((await own.call('GET', feed, token)).json.events).toHaveLength(1)
    expect((await own.call('GET', '/v1/topics/orders/events', token)).json.events).toEqual([])
  })

  test('what is forged, expired, or of another issuer or audience is refused', async () => {
    const own = await startOwnTokens()
    const seconds = Math.floor(own.clock.now() / 1_000)
    const good = await own.local.sign(claims)
    const [, body, signature] = good.split('.')
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const wrong = [
      `${header({ alg: 'none' })}.${body}.`,
      `${header({ alg: 'HS256', kid: 'key-1' })}.${body}.${signature}`,
      await own.local.sign({ ...claims, iss: 'https://evil.example.com/' }),
      await own.local.sign({ ...claims, aud: 'https://other.example.com' }),
      await own.local.sign({ ...claims, exp: seconds - 1 }),
      await own.local.sign({ ...claims, nbf: seconds + 60 }),
      await own.local.sign({ ...claims, tenant_id: 404 }),
      await own.local.sign({ ...claims, client_id: 'nobody' }),
      'unknown-opaque',
    ]
    for (const token of wrong) expect(await statusOf(own, token)).toBe(401)
    expect(await statusOf(own, good)).toBe(200)
    expect((await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items).toHaveLength(1)
  })

  test('an expired token is refused from its last moment on', async () => {
    const own = await startOwnTokens()
    const exp = Math.floor(own.clock.now() / 1_000) + 60
    const tokens = [await own.local.sign({ ...claims, exp }), own.opaque('short', { exp })]
    for (const token of tokens) expect(await statusOf(own, token)).toBe(200)
    await own.clock.advance(60_000)
    for (const token of tokens) expect(await statusOf(own, token)).toBe(401)
  })

  test('a revoked token is refused within seconds, without anybody asking for it', async () => {
    const own = await startOwnTokens()
    const token = own.opaque('to-be-revoked')
    expect(await statusOf(own, token)).toBe(200)
    own.local.opaque.delete(token)
    await own.clock.advance(7_000)
    await expect.poll(() => statusOf(own, token), patience).toBe(401)
  })

  test('an authority that is down refuses new tokens by 503 and leaves the known ones be', async () => {
    const own = await startOwnTokens()
    const known = [await own.local.sign(claims), own.opaque('known')]
    for (const token of known) expect(await statusOf(own, token)).toBe(200)
    own.local.isDown = true
    await own.clock.advance(400_000)
    for (const token of known) expect(await statusOf(own, token)).toBe(200)
    const fresh = [await own.local.sign({ ...claims, jti: '2' }), own.opaque('fresh')]
    for (const token of fresh) {
      const answer = await own.call('GET', feed, token)
      expect(answer.status).toBe(503)
      expect(answer.json.code).toBe('authority_unavailable')
      expect(answer.headers.get('retry-after')).toBe('2')
    }
    await own.clock.advance(3_600_000)
    for (const token of known) expect(await statusOf(own, token)).not.toBe(200)
    own.local.isDown = false
    await own.clock.advance(6_000)
    own.opaque('fresh')
    for (const token of [await own.local.sign({ ...claims, jti: '3' }), 'fresh']) {
      expect(await statusOf(own, token)).toBe(200)
    }
  })

  test('many requests with one new token ask once, and wrong ones cost few questions', async () => {
    const own = await startOwnTokens()
    const token = own.opaque('busy')
    const statuses = await Promise.all(Array.from({ length: 30 }, () => statusOf(own, token)))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(own.local.questions.filter((asked) => asked === token)).toHaveLength(1)

    const wrong = await Promise.all(Array.from({ length: 10 }, () => statusOf(own, 'wrong')))
    expect(new Set(wrong)).toEqual(new Set([401]))
    expect(own.local.questions.filter((asked) => asked === 'wrong')).toHaveLength(1)

    const guesses = await Promise.all(Array.from({ length: 200 }, (_, index) => statusOf(own, `guess-${index}`)))
    expect(guesses).toContain(429)
    // The limit of twenty a minute, and those that were under way when it was reached.
    expect(own.local.questions.filter((asked) => asked.startsWith('guess')).length).toBeLessThanOrEqual(30)
    expect(await statusOf(own, token)).toBe(200)
  })

  test('keys of Tidings never travel to an authority', async () => {
    const own = await startOwnTokens()
    await statusOf(own, 'operator-of-the-tests', '/v1/tenants')
    await statusOf(own, 'tid_at_000000000000000000000000000_000000')
    await own.callAs(`Basic ${Buffer.from('payroll:wrong').toString('base64')}`, 'GET', feed)
    expect(own.local.questions).toEqual([])
  })

  test('an open stream of server-sent events ends with its token', async () => {
    const own = await startOwnTokens()
    const token = own.opaque('sse')
    const response = await fetch(`${own.url}/v1/stream?topics=invoices`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(response.status).toBe(200)
    own.local.opaque.delete(token)
    await own.clock.advance(7_000)
    await expect.poll(() => statusOf(own, token), patience).toBe(401)
    await own.clock.advance(3_000)
    const text = await response.text()
    expect(text).toContain(': tidings')
  })
})

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

describe("in each dialect's place for the credential", () => {
  test('Moneybird: the bearer', async () => {
    const own = await startOwnTokens()
    for (const token of [await own.local.sign(claims), own.opaque('mb')]) {
      const { status, json } = await own.call('GET', '/api/v2/administrations.json', token)
      expect(status).toBe(200)
      expect(json).toHaveLength(1)
    }
    expect((await own.call('GET', '/api/v2/administrations.json', 'wrong')).status).toBe(401)
    own.local.isDown = true
    expect((await own.call('GET', '/api/v2/administrations.json', own.opaque('new'))).status).toBe(503)
  })

  test('Fakturownia: header, query and body', async () => {
    const own = await startOwnTokens()
    const token = own.opaque('fk', { scope: '*' })
    expect((await own.call('GET', '/webhooks.json', token)).status).toBe(200)
    const jwt = await own.local.sign(claims)
    expect((await own.callAs('', 'GET', `/webhooks.json?api_token=${jwt}`)).status).toBe(200)
    const body = {
      api_token: own.opaque('fk-body', { scope: '*' }),
      kind: 'invoice:create',
      url: 'https://example.com/hook',
    }
    const made = await own.callAs('', 'POST', '/webhooks.json', body)
    expect(made.status).toBe(201)
    // What was recognised on the way is no change that the caller made.
    const audited = (await own.operate('GET', '/v1/audit')).items
    expect(audited.map(({ kind }: { kind: string }) => kind)).not.toContain('token')
    expect(audited.map(({ kind }: { kind: string }) => kind)).toContain('subscription')
    expect((await own.callAs('', 'GET', '/webhooks.json?api_token=wrong')).status).toBe(401)
    own.local.isDown = true
    expect((await own.callAs('', 'GET', `/webhooks.json?api_token=${own.opaque('new')}`)).status).toBe(503)
  })

  test('Tripletex: the employee token, whose session ends with it', async () => {
    const own = await startOwnTokens()
    const create = (employeeToken: string) => {
      const wanted = { consumerToken: payroll.clientSecret, employeeToken, expirationDate: '2999-01-01' }
      return own.callAs('', 'PUT', `/v2/token/session/:create?${new URLSearchParams(wanted)}`)
    }
    const whoAmI = (session: string) =>
      own.callAs(`Basic ${Buffer.from(`0:${session}`).toString('base64')}`, 'GET', '/v2/token/session/%3EwhoAmI')
    const exp = Math.floor(own.clock.now() / 1_000) + 60
    const made = await create(await own.local.sign({ ...claims, exp }))
    expect(made.status).toBe(200)
    const session = made.json.value.token
    expect((await whoAmI(session)).json.value.companyId).toBe(29302)
    expect((await create('wrong')).status).toBe(401)
    await own.clock.advance(60_000)
    expect((await whoAmI(session)).status).toBe(401)
    own.local.isDown = true
    expect((await create(own.opaque('new'))).status).toBe(503)
  })
})

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
