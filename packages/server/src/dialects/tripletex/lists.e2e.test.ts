import { expect, test } from 'vitest'
import { type LiveServer, startLiveServer } from '../fixtures/live.ts'
import { basic, day, tripletexClient } from './fixtures/client.ts'
import { body, expectRefusal, path, start, targetUrl } from './fixtures/refusal.ts'

test('lists: from, count, sorting and fields', async () => {
  const { client } = await start()
  const events = ['order.update', 'account.create', 'product.delete', 'account.create']
  const made = await client.call(
    'POST',
    `${path}/list`,
    events.map((event, index) => ({ event, targetUrl: `${targetUrl}/${index}` })),
  )
  expect(made.json).toMatchObject({ fullResultSize: 4, from: 0, count: 4 })
  const ids: number[] = made.json.values.map(({ id }: { id: number }) => id)
  const get = async (query: string) => (await client.call('GET', `${path}?${query}`)).json
  expect(Object.keys(await get(''))).toEqual(['fullResultSize', 'from', 'count', 'versionDigest', 'values'])
  expect(await get('from=1&count=2&fields=id')).toEqual({
    fullResultSize: 4,
    from: 1,
    count: 2,
    versionDigest: "'If-None-Match' header not specified",
    values: [{ id: ids[1] }, { id: ids[2] }],
  })
  expect((await get('from=9')).values).toEqual([])
  expect((await get('count=0')).count).toBe(0)
  const sorted = async (sorting: string) =>
    (await get(`fields=id&sorting=${encodeURIComponent(sorting)}`)).values.map(({ id }: { id: number }) =>
      ids.indexOf(id),
    )
  expect(await sorted('event')).toEqual([1, 3, 0, 2])
  expect(await sorted('event, -id')).toEqual([3, 1, 0, 2])
  expect(await sorted('-event,id')).toEqual([2, 0, 1, 3])
  expect(await sorted('-id')).toEqual([3, 2, 1, 0])
  const one = await client.call('GET', `${path}/${ids[0]}?fields=${encodeURIComponent(' event , id ')}`)
  expect(one.text).toBe(`{"value":{"id":${ids[0]},"event":"order.update"}}`)
})

test('the digest of a list, sent back, is answered 304 until something changes', async () => {
  const { client } = await start()
  const { id } = (await client.call('POST', path, body)).json.value
  const get = (ifNoneMatch: string, query = '') =>
    client.call('GET', `${path}${query}`, undefined, { headers: { 'if-none-match': ifNoneMatch } })
  const { versionDigest } = (await get('anything')).json
  expect(versionDigest).toMatch(/^[0-9a-f]{32}$/)
  for (const same of [versionDigest, `"${versionDigest}"`, `W/"${versionDigest}"`, `"x", "${versionDigest}"`]) {
    const answer = await get(same)
    expect([answer.status, answer.text]).toEqual([304, ''])
    expect(answer.headers.get('x-tlx-request-id')).toBeTruthy()
  }
  expect((await get(versionDigest, '?fields=id')).status).toBe(200)
  await client.call('PUT', `${path}/${id}`, { status: 'DISABLED' })
  const changed = await get(versionDigest)
  expect(changed.status).toBe(200)
  expect(changed.json.versionDigest).not.toBe(versionDigest)
})

test('bulk routes change all or nothing', async () => {
  const { client } = await start()
  const size = async () => (await client.call('GET', path)).json.fullResultSize
  expect((await client.call('POST', `${path}/list`, [body, { ...body, event: 'x.y' }])).status).toBe(422)
  expect((await client.call('POST', `${path}/list`, [body, { ...body, fields: 'x' }])).status).toBe(400)
  expect(await size()).toBe(0)
  expect((await client.call('POST', `${path}/list`, [])).json).toMatchObject({ fullResultSize: 0, values: [] })
  const made = await client.call('POST', `${path}/list`, [body, body, { ...body, status: 'DISABLED' }])
  const [a, b, c] = made.json.values
  expect(c.status).toBe('DISABLED')

  const put = (given: unknown) => client.call('PUT', `${path}/list`, given)
  expectRefusal(
    await put([
      { id: a.id, fields: 'id' },
      { id: b.id, version: 7 },
    ]),
    409,
    8000,
  )
  expectRefusal(await put([{ id: a.id, fields: 'id' }, { id: 999_999 }]), 404, 6000)
  expect((await client.call('GET', `${path}/${a.id}`)).json.value).toEqual(a)
  const changed = await put([
    { ...a, fields: 'id' },
    { id: c.id, status: 'ACTIVE' },
  ])
  expect(changed.status).toBe(200)
  expect(changed.json.values).toMatchObject([
    { id: a.id, version: 1, fields: 'id' },
    { id: c.id, version: 1, status: 'ACTIVE' },
  ])

  expectRefusal(await client.call('DELETE', `${path}/list?ids=${a.id},999999`), 404, 6000)
  expect(await size()).toBe(3)
  const gone = await client.call('DELETE', `${path}/list?ids=${a.id},%20${b.id},${a.id}`)
  expect([gone.status, gone.text]).toEqual([204, ''])
  expect(await size()).toBe(1)
})

test('what is sent as an integer comes as one, and every answer has a request id', async () => {
  const { server, client } = await start()
  const made = await client.call('POST', path, body, { headers: { 'content-type': 'application/json; charset=utf-8' } })
  expect(made.headers.get('content-type')).toBe('application/json; charset=utf-8')
  const { id, version } = made.json.value
  expect(Number.isInteger(id) && id < 2 ** 31 && version === 0).toBe(true)
  const requestIds = new Set<string | null>()
  for (const answer of [
    made,
    await server.call('GET', '/v2/event'),
    await client.call('GET', '/v2/nothing'),
    await client.call('PATCH', path),
    await client.call('DELETE', `${path}/${id}`),
  ]) {
    requestIds.add(answer.headers.get('x-tlx-request-id'))
  }
  expect(requestIds.size).toBe(5)
  expect(requestIds.has(null)).toBe(false)
})

test('a token that shows some types alone cannot subscribe to others', async () => {
  const server: LiveServer = await startLiveServer()
  const client = await tripletexClient(server, { tenantId: 1 })
  const { integrationId, consumerToken } = client
  const narrow = await server.operate('POST', `/v1/integrations/${integrationId}/tokens`, {
    tenantId: 1,
    types: ['order.*'],
  })
  const query = new URLSearchParams({
    consumerToken,
    employeeToken: narrow.accessToken,
    expirationDate: day(server, 2),
  })
  const { token } = (await server.call('PUT', `/v2/token/session/:create?${query}`)).json.value
  const post = (event: string) =>
    server.call('POST', path, { authorization: basic(0, token), body: { event, targetUrl } })
  expect((await post('order.create')).status).toBe(201)
  expectRefusal(await post('product.create'), 422, 18000)
})
