import { describe, expect, test } from 'vitest'
import { claims, payroll, startOwnTokens } from './fixtures/own-tokens.ts'

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
    // A grant that was recognised on the way is not a change that the caller made.
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
