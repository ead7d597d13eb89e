import { expect, test } from 'vitest'
import type { Answer } from '../fixtures/live.ts'
import { basic, day, tripletexClient } from './fixtures/client.ts'
import { body, expectRefusal, path, start, targetUrl } from './fixtures/refusal.ts'

/** Every row of the contract's table of errors. */

function fieldsOf({ json }: Answer): string[] {
  return json.validationMessages.map(({ field, path: place }: { field: string; path: string | null }) => place ?? field)
}

test('400, code 4000: a wrong method', async () => {
  const { server, client } = await start()
  for (const [method, at] of [
    ['PATCH', path],
    ['DELETE', path],
    ['POST', `${path}/1`],
    ['GET', `${path}/list`],
    ['PUT', '/v2/event'],
    ['POST', '/v2/event/product.create'],
    ['GET', '/v2/token/session/:create'],
    ['PUT', '/v2/token/session/>whoAmI'],
    ['PATCH', '/v2/token/session/:create'],
    ['POST', '/v2/company/>withLoginAccess'],
  ] as const) {
    const answer = await client.call(method, at)
    expectRefusal(answer, 400, 4000)
    expect([method, at, answer.json.message]).toEqual([method, at, 'HTTP 405 Method Not Allowed'])
  }
  const head = await client.call('HEAD', path)
  expect([head.status, head.text]).toEqual([200, ''])
  expect(head.headers.get('x-tlx-request-id')).toBeTruthy()
  expectRefusal(await server.call('OPTIONS', path), 400, 4000)
})

test('400, code 11000: unknown names in fields, and parentheses that do not match', async () => {
  const { client } = await start()
  const { id } = (await client.call('POST', path, body)).json.value
  for (const fields of ['nonsense', 'id,(name', 'id(name)', 'id)', 'currency(nonsense)', 'currency(*', ',', 'a b']) {
    const made = await client.call('POST', path, { ...body, fields })
    expectRefusal(made, 400, 11000)
    expectRefusal(await client.call('PUT', `${path}/${id}`, { fields }), 400, 11000)
    expectRefusal(await client.call('GET', `${path}?fields=${encodeURIComponent(fields)}`), 400, 11000)
  }
  expect(fieldsOf(await client.call('POST', path, { ...body, fields: 'id,currency(code,x),y' }))).toEqual([
    'currency.x',
    'y',
  ])
  expectRefusal(await client.call('GET', `${path}/${id}?fields=authHeaderValue`), 400, 11000)
  // The selection that is stored has to fit another event, too.
  await client.call('PUT', `${path}/${id}`, { fields: 'priceExcludingVatCurrency' })
  expectRefusal(await client.call('PUT', `${path}/${id}`, { event: 'contact.create' }), 400, 11000)
  for (const fields of ['*,currency(*)', '*, orderLines ( * , product( number ) )', 'customer()', '', null]) {
    const made = await client.call('POST', path, { ...body, event: 'order.update', fields })
    expect([fields, made.status]).toEqual([fields, 201])
  }
  // Nothing is known of this entity, so everything may be asked for.
  const open = await client.call('POST', path, { ...body, event: 'notification.sent', fields: 'anything(at(all))' })
  expect(open.status).toBe(201)
})

test('401, code 3000: bad credentials', async () => {
  const { server, client } = await start({ wrongKeysPerMinute: '1000' })
  const { session, employeeToken, consumerToken } = client
  const bytes = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  for (const authorization of [
    undefined,
    '',
    'Basic',
    'Basic !!!',
    `Bearer ${employeeToken}`,
    `Bearer ${session}`,
    basic(0, employeeToken),
    basic(0, `${session}x`),
    basic(0, session.slice(0, -1)),
    basic(2, session),
    basic(-1, session),
    basic('1e0', session),
    bytes(session),
    bytes(`0:${session}:`),
    bytes(`:${session}\n`),
  ]) {
    const answer = await server.call('GET', path, authorization === undefined ? {} : { authorization })
    expectRefusal(answer, 401, 3000)
  }
  const expirationDate = day(server, 2)
  for (const tokens of [
    { consumerToken: 'wrong', employeeToken },
    { consumerToken, employeeToken: 'wrong' },
    { consumerToken: employeeToken, employeeToken: consumerToken },
    { consumerToken: 'wrong', employeeToken: 'wrong' },
  ]) {
    const query = new URLSearchParams({ ...tokens, expirationDate })
    expectRefusal(await server.call('PUT', `/v2/token/session/:create?${query}`), 401, 3000)
    const posted = await server.call('POST', '/v2/token/session/:create', { body: { ...tokens, expirationDate } })
    expectRefusal(posted, 401, 3000)
  }
  const other = await tripletexClient(server, { tenantId: 2 })
  const mixed = new URLSearchParams({ consumerToken, employeeToken: other.employeeToken, expirationDate })
  expectRefusal(await server.call('PUT', `/v2/token/session/:create?${mixed}`), 401, 3000)
})

test('404, code 6000: what does not exist, below /v2 alone', async () => {
  const { server, client } = await start()
  for (const at of [
    `${path}/1234`,
    `${path}/0`,
    `${path}/99999999999`,
    `${path}/abc`,
    `${path}/1/2`,
    '/v2/event/product.renamed',
    '/v2/company/1',
    '/v2/product',
    '/v2',
    '/v2/',
  ]) {
    expectRefusal(await client.call('GET', at), 404, 6000)
  }
  expectRefusal(await client.call('PUT', `${path}/1234`, {}), 404, 6000)
  expectRefusal(await client.call('DELETE', `${path}/1234`), 404, 6000)
  expectRefusal(await client.call('DELETE', '/v2/token/session/nothing'), 404, 6000)
  expect((await server.call('GET', '/v3')).headers.get('content-type')).toContain('application/problem+json')
})

test('409, code 8000: a stale version', async () => {
  const { client } = await start()
  const { id } = (await client.call('POST', path, body)).json.value
  const put = (given: object) => client.call('PUT', `${path}/${id}`, given)
  expect((await put({ status: 'DISABLED', version: 0 })).json.value).toMatchObject({ version: 1, status: 'DISABLED' })
  const stale = await put({ status: 'ACTIVE', version: 0 })
  expectRefusal(stale, 409, 8000)
  expect(`${stale.json.message} ${stale.json.developerMessage}`).toContain('RevisionException')
  expect((await client.call('GET', `${path}/${id}`)).json.value).toMatchObject({ version: 1, status: 'DISABLED' })
  expect((await put({ status: 'ACTIVE' })).json.value).toMatchObject({ version: 2, status: 'ACTIVE' })
  expect((await put({})).json.value).toMatchObject({ version: 3, event: 'product.create', targetUrl })
  const both = await Promise.all([put({ fields: 'id', version: 3 }), put({ fields: 'name', version: 3 })])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
})

test('422, code 15000: a query parameter is missing or bad', async () => {
  const { server, client } = await start()
  for (const query of ['from=-1', 'from=a', 'count=1.5', 'count=99999999999', 'from=1&from=2']) {
    expectRefusal(await client.call('GET', `${path}?${query}`), 422, 15000)
  }
  for (const query of ['', '?ids=', '?ids=a', '?ids=1,,2']) {
    expectRefusal(await client.call('DELETE', `${path}/list${query}`), 422, 15000)
  }
  const { consumerToken, employeeToken } = client
  const create = (given: Record<string, string>) =>
    server.call('PUT', `/v2/token/session/:create?${new URLSearchParams(given)}`)
  expect(fieldsOf(await create({}))).toEqual(['consumerToken', 'employeeToken', 'expirationDate'])
  for (const expirationDate of [
    day(server, 0),
    day(server, -1),
    'tomorrow',
    '2099-02-31',
    '2099-1-1',
    '2099-01-01T00:00:00Z',
  ]) {
    expectRefusal(await create({ consumerToken, employeeToken, expirationDate }), 422, 15000)
  }
  expect((await client.call('GET', `${path}?unknown=1&also=2`)).status).toBe(200)
})

test('422, code 16000: an unknown field or a wrong type; 22000: no JSON', async () => {
  const { server, client } = await start()
  const { id } = (await client.call('POST', path, body)).json.value
  for (const more of [
    { nonsense: 1 },
    { Event: 'product.create' },
    { tenantId: 2 },
    { event: 5 },
    { targetUrl: ['https://example.com'] },
    { fields: {} },
    { status: true },
    { version: '1' },
    { version: 1.5 },
    { id: '7' },
    { hmacSharedSecret: 7 },
  ]) {
    expectRefusal(await client.call('POST', path, { ...body, ...more }), 422, 16000)
    expectRefusal(await client.call('PUT', `${path}/${id}`, more), 422, 16000)
  }
  for (const wrong of ['[]', '5', '"x"', `[${JSON.stringify(body)}]`]) {
    expectRefusal(await client.call('POST', path, wrong), 422, 16000)
  }
  expectRefusal(await client.call('POST', `${path}/list`, body), 422, 16000)
  expect(fieldsOf(await client.call('POST', `${path}/list`, [body, { ...body, x: 1 }, 7]))).toEqual(['[1].x', '[2]'])
  expectRefusal(await client.call('POST', path, '{"__proto__":{"event":"product.create"}}'), 422, 16000)
  const session = { consumerToken: 'a', employeeToken: 'b', expirationDate: 'c' }
  for (const wrong of [{ ...session, x: 1 }, { ...session, consumerToken: 5 }, []]) {
    expectRefusal(await server.call('POST', '/v2/token/session/:create', { body: wrong }), 422, 16000)
  }
  for (const broken of ['{', '{"event":}', '{"event":"a","event":"b"}', 'event=product.create']) {
    expectRefusal(await client.call('POST', path, broken), 422, 22000)
  }
})

test('422, code 17000: bad sorting', async () => {
  const { client } = await start()
  for (const sorting of ['nonsense', 'id,nonsense', ',', '--id', 'id desc', 'targetUrl.x']) {
    expectRefusal(await client.call('GET', `${path}?sorting=${encodeURIComponent(sorting)}`), 422, 17000)
  }
})

test('422, code 18000: a value that breaks a rule', async () => {
  const { server, client } = await start()
  const { id } = (await client.call('POST', path, body)).json.value
  const long = 'x'.repeat(256)
  for (const [field, more] of [
    ['event', { event: 'product.renamed' }],
    ['event', { event: '' }],
    ['event', { event: null }],
    ['event', { event: long }],
    ['targetUrl', { targetUrl: null }],
    ['targetUrl', { targetUrl: '' }],
    ['targetUrl', { targetUrl: '/hook' }],
    ['targetUrl', { targetUrl: 'example.com/hook' }],
    ['targetUrl', { targetUrl: 'ftp://example.com/hook' }],
    ['targetUrl', { targetUrl: 'https://10.0.0.1/hook' }],
    ['targetUrl', { targetUrl: 'https://intranet/hook' }],
    ['targetUrl', { targetUrl: 'https://:secret@example.com/hook' }],
    ['targetUrl', { targetUrl: `https://example.com/${long}` }],
    ['fields', { fields: `id${',id'.repeat(90)}` }],
    ['status', { status: 'PAUSED' }],
    ['status', { status: 'DISABLED_MISUSE' }],
    ['authHeaderValue', { authHeaderName: 'X-Key' }],
    ['authHeaderName', { authHeaderValue: 'abc' }],
    ['authHeaderName', { authHeaderName: 'Host', authHeaderValue: 'a' }],
    ['authHeaderName', { authHeaderName: 'a b', authHeaderValue: 'a' }],
    ['authHeaderName', { authHeaderName: long, authHeaderValue: 'a' }],
    ['authHeaderName', { authHeaderName: 'X-Request-Signature', authHeaderValue: 'a' }],
    ['authHeaderValue', { authHeaderName: 'X-Key', authHeaderValue: 'a\r\nx: 1' }],
    ['authHeaderValue', { authHeaderName: 'X-Key', authHeaderValue: 'a'.repeat(4097) }],
    ['authHeaderName', { targetUrl: 'https://u:p@example.com', authHeaderName: 'Authorization', authHeaderValue: 'a' }],
    ['id', { id: id + 1 }],
  ] as const) {
    for (const answer of [
      await client.call('POST', path, { ...body, ...more }),
      await client.call('PUT', `${path}/${id}`, more),
    ]) {
      expectRefusal(answer, 422, 18000)
      expect([more, fieldsOf(answer)]).toEqual([more, [field]])
    }
  }
  expect(fieldsOf(await client.call('POST', path, {}))).toEqual(['event', 'targetUrl'])
  expect(fieldsOf(await client.call('POST', path))).toEqual(['event', 'targetUrl'])
  expect(fieldsOf(await client.call('PUT', `${path}/list`, [{ status: 'ACTIVE' }, { id }, { id }]))).toEqual([
    '[0].id',
    '[2].id',
  ])
  expect((await client.call('GET', `${path}/${id}`)).json.value.version).toBe(0)
  expectRefusal(await server.call('POST', '/v2/token/session/:create', { body: { consumerToken: 'a' } }), 422, 18000)
  const whole = { ...body, authHeaderName: 'X-K', authHeaderValue: 'a'.repeat(4096), id: null, version: null, url: 'x' }
  expect((await client.call('POST', path, whole)).status).toBe(201)
})

test('429: over the rate, with what is left of it', async () => {
  const { client } = await start({ requestsPerSecond: '3' })
  const answers: Answer[] = []
  while (answers.at(-1)?.status !== 429) answers.push(await client.call('GET', path))
  const [first] = answers
  expect(first!.headers.get('x-rate-limit-limit')).toBe('3')
  expect(Number(first!.headers.get('x-rate-limit-remaining'))).toBeLessThan(3)
  const last = answers.at(-1)!
  expectRefusal(last, 429, null)
  expect(last.headers.get('x-rate-limit-limit')).toBe('3')
  expect(last.headers.get('x-rate-limit-remaining')).toBe('0')
  expect(Number(last.headers.get('x-rate-limit-reset'))).toBeGreaterThan(0)
})

test('429: too many wrong credentials from one address; right ones go on', async () => {
  const { server, client } = await start()
  const wrong = () => server.call('GET', path, { authorization: basic(0, 'wrong') })
  let answer = await wrong()
  for (let tries = 1; tries < 25 && answer.status === 401; tries++) answer = await wrong()
  expectRefusal(answer, 429, null)
  expect(answer.headers.get('x-rate-limit-limit')).toBe('20')
  expect(Number(answer.headers.get('x-rate-limit-reset'))).toBeGreaterThan(0)
  expect((await client.call('GET', path)).status).toBe(200)
})

test('413 and 415: in the same shape', async () => {
  const { server, client } = await start()
  expectRefusal(await client.call('POST', path, { ...body, fields: 'x'.repeat(1_100_000) }), 413, 4000)
  const zipped = await server.call('POST', path, {
    authorization: basic(0, client.session),
    body: 'x',
    headers: { 'content-encoding': 'gzip' },
  })
  expectRefusal(zipped, 415, 4000)
})
