import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'

const adminKey = 'an-operator-key-for-tests'

async function start(flags: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) {
  const data = mkdtempSync(join(tmpdir(), 'tidings-unknown-tenants-'))
  const server = await startServer(
    readConfig({ flags: { port: '0', data, adminKey, logLevel: 'silent', ...flags }, env }),
  )
  onTestFinished(async () => {
    await server.close()
    rmSync(data, { recursive: true, force: true })
  })
  const call = async (method: string, path: string, body?: string, type = 'application/json') => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
    })
    return { status: response.status, text: await response.text() }
  }
  await call('POST', '/v1/tenants', '{"id":1}')
  return call
}

const event = (tenantId: number | string, id: string) =>
  `{"tenantId":${tenantId},"type":"invoice.updated","entityId":"7","id":"${id}"}`

test('an unknown tenant is accepted and named in every answer, the metrics and a list; a known one is as ever', async () => {
  const call = await start()
  const answered = (text: string) =>
    JSON.parse(text).events.map((each: object) => ('tenantKnown' in each ? each.tenantKnown : 'absent'))
  expect(answered((await call('POST', '/v1/events', event(1, 'a'))).text)).toEqual(['absent'])
  expect(answered((await call('POST', '/v1/events', event(2, 'b'))).text)).toEqual([false])
  const array = `[${event(1, 'c')},${event(2, 'd')}]`
  expect(answered((await call('POST', '/v1/events', array)).text)).toEqual(['absent', false])
  expect(answered((await call('POST', '/v1/events', array)).text)).toEqual(['absent', false])
  const big = '9223372036854775806'
  const lines = await call('POST', '/v1/events', `${event(1, 'e')}\n${event(big, 'f')}\n`, 'application/x-ndjson')
  const [known, unknown] = lines.text.trim().split('\n')
  expect(known).not.toContain('tenantKnown')
  expect(JSON.parse(unknown!)).toMatchObject({ id: 'f', tenantKnown: false })

  // The repeated array told nothing new.
  expect((await call('GET', '/metrics')).text).toMatch(/^tidings_unknown_tenant_events_total 3$/m)
  const listed = await call('GET', '/v1/unknown-tenants')
  expect(listed.text).toMatch(new RegExp(`^{"items":\\[{"tenantId":2,"events":2,.*{"tenantId":${big},"events":1,`))
  await call('POST', '/v1/tenants', '{"id":2}')
  expect((await call('GET', '/v1/unknown-tenants')).text).toMatch(new RegExp(`^{"items":\\[{"tenantId":${big},`))
  expect(answered((await call('POST', '/v1/events', array)).text)).toEqual(['absent', 'absent'])
})

test.each([
  ['the flag', { tenants: 'strict' }, {}],
  ['the environment', {}, { TIDINGS_TENANTS: 'strict' }],
])('strict by %s: an unknown tenant is refused, beside all other faults, on every way', async (_by, flags, env) => {
  const call = await start(flags, env)
  expect((await call('POST', '/v1/events', event(1, 'a'))).status).toBe(201)
  const single = await call('POST', '/v1/events', event(2, 'b'))
  expect(single.status).toBe(422)
  expect(JSON.parse(single.text)).toMatchObject({
    code: 'invalid_event',
    errors: [{ pointer: '/tenantId', code: 'unknown_tenant', detail: expect.stringContaining('Create it first') }],
  })
  const array = await call('POST', '/v1/events', `[${event(1, 'c')},{"tenantId":2,"type":"invoice.updated"}]`)
  expect(JSON.parse(array.text).errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/1/tenantId',
    '/1/entityId',
  ])
  const lines = await call('POST', '/v1/events', `${event(2, 'd')}\n${event(1, 'e')}\n`, 'application/x-ndjson')
  const [refused, taken] = lines.text.trim().split('\n')
  expect(JSON.parse(refused!)).toMatchObject({ error: { errors: [{ pointer: '/tenantId', code: 'unknown_tenant' }] } })
  expect(JSON.parse(taken!)).toMatchObject({ id: 'e', duplicate: false })
})

test('a misspelled policy is refused', () => {
  expect(() => readConfig({ flags: { tenants: 'strickt' }, env: {} })).toThrow(/--tenants: must be any or strict/)
})
