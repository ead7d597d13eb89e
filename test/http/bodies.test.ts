import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, answersTo, RawConnection } from './raw.ts'
import { adminKey, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const megabyte = 1024 * 1024

function head(path: string, ...headers: string[]): string {
  const lines = ['Host: x', `Authorization: Bearer ${adminKey}`, 'Content-Type: application/json', ...headers]
  return `POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

async function post(path: string, body: Buffer | string, ...headers: string[]): Promise<Answer> {
  const bytes = Buffer.from(body)
  const bare = head(path, 'Connection: close', `Content-Length: ${bytes.length}`, ...headers)
  const [answer] = await answersTo(world.port, Buffer.concat([Buffer.from(bare), bytes]))
  return answer!
}

const codeOf = (answer: Answer | null | undefined) => JSON.parse(answer?.body ?? '{}').code

describe('H47 bodies over the limit', () => {
  test.each([
    ['/v1/tenants', megabyte],
    ['/v1/events', 16 * megabyte],
  ])('%s: told by its length, and answered before a byte of it came', async (path, limit) => {
    const connection = new RawConnection(world.port)
    connection.write(head(path, `Content-Length: ${limit + 1}`))
    expect((await connection.answer())?.status).toBe(413)
    await connection.closed()
  })

  test.each([
    ['/v1/tenants', megabyte],
    ['/v1/events', 16 * megabyte],
  ])('%s: in chunks, answered before the end', async (path, limit) => {
    const connection = new RawConnection(world.port)
    connection.write(head(path, 'Transfer-Encoding: chunked'))
    const size = 64 * 1024
    const chunk = Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), Buffer.alloc(size, ' '), Buffer.from('\r\n')])
    for (let sent = 0; sent <= limit; sent += size) connection.write(chunk)
    expect((await connection.answer())?.status).toBe(413)
    connection.destroy()
  })

  test('longer than it says: what is over is no request', async () => {
    const answers = await answersTo(world.port, `${head('/v1/tenants', 'Content-Length: 2')}{}{"id":999}\r\n\r\n`)
    expect(answers.at(-1)?.status).toBe(400)
    expect((await world.call('GET', '/v1/tenants/999', `Bearer ${adminKey}`)).status).toBe(404)
  })

  test('a client that ends before its body does changes nothing', async () => {
    const connection = new RawConnection(world.port)
    connection.write(`${head('/v1/tenants', 'Content-Length: 100')}{"id":998}`)
    connection.destroy()
    expect((await world.call('GET', '/v1/tenants/998', `Bearer ${adminKey}`)).status).toBe(404)
  })
})

describe('H48 compressed bodies', () => {
  const zeros = Buffer.alloc(10 * megabyte)
  test.each([
    ['br', brotliCompressSync(zeros)],
    ['gzip, gzip', gzipSync(gzipSync(zeros))],
    ['identity, gzip', gzipSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['', zeros],
  ])('«%s» is refused, with what would be taken', async (encoding, body) => {
    const answer = await post('/v1/events', body, `Content-Encoding: ${encoding}`)
    expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported_media_type'])
    expect(answer.headers['accept-encoding']).toBe('gzip, identity')
  })

  test('no other route takes any', async () => {
    const answer = await post('/v1/tenants', gzipSync('{"id":997}'), 'Content-Encoding: gzip')
    expect([answer.status, answer.headers['accept-encoding']]).toEqual([415, 'identity'])
  })

  test('a body is as large as it inflates to', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * megabyte, ' '))
    expect((await post('/v1/events', bomb, 'Content-Encoding: gzip')).status).toBe(413)
  })
})

describe('H50 keys that change prototypes', () => {
  const bodies = [
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"\\u005f_proto__":{"admin":true}}',
    '{"id":7,"name":"x","prototype":1}',
  ]
  test.each(
    ['/v1/tenants', '/v1/integrations', '/v1/keys', '/v1/subscriptions', '/v1/event-types', '/v1/events'].flatMap(
      (path) => bodies.map((body) => [path, body] as const),
    ),
  )('%s %s', async (path, body) => {
    const answer = await post(path, body)
    expect(answer.status).toBeOneOf([400, 422])
    expect(answer.body).toContain('unknown_field')
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  test('they are ordinary keys of an entity, and come back as they were sent', async () => {
    const data = '{"__proto__":{"admin":true},"constructor":1}'
    const event = `{"tenantId":101,"type":"invoice.updated","entityId":"proto","data":${data}}`
    expect((await post('/v1/events', event)).status).toBe(201)
    const { text } = await world.call('GET', '/v1/topics/invoices/events', `Bearer ${adminKey}`)
    expect(text).toContain(`"data":${data}`)
  })
})

describe('H52 JSON that costs', () => {
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const wide = (keys: number) => `{${Array.from({ length: keys }, (_, index) => `"${index}":0`).join()}}`
  test.each([
    ['100,000 deep', '/v1/tenants', deep(100_000)],
    ['100,000 deep', '/v1/events', deep(100_000)],
    ['100,000 deep in an entity', '/v1/events', `{"data":{"a":${deep(100_000)}}}`],
    ['100,000 keys', '/v1/tenants', wide(90_000)],
    ['1,000,000 keys', '/v1/events', wide(1_000_000)],
    ['1,000,000 keys in an entity', '/v1/events', `{"data":${wide(1_000_000)}}`],
    ['1,000,001 items', '/v1/events', `[${'0,'.repeat(1_000_000)}0]`],
  ])('%s: %s', async (_, path, body) => {
    const answer = await post(path, body)
    expect(answer.status).toBeOneOf([400, 413])
    expect(answer.body.length).toBeLessThan(2_000)
  })

  // A thousand members of one object, twenty thousand in all: what a resource may have, and not more.
  test.each(['/v1/tenants', '/v1/subscriptions', '/v1/keys', '/v1/event-types', '/v2/event/subscription'])(
    'an object that is a little too wide: %s',
    async (path) => {
      const answer = await post(path, wide(1_001))
      expect(answer.status).toBeOneOf([400, 401, 422])
      expect(answer.body.length).toBeLessThan(2_000)
    },
  )

  test.each([
    ['/v1/tenants', wide(1_000)],
    ['/v1/subscriptions', wide(1_000)],
    ['/v1/subscriptions', `{"types":[${'0,'.repeat(19_000)}0]}`],
    ['/v1/deliveries/resend', `{"types":[${'0,'.repeat(19_000)}0]}`],
  ])('faults by the thousand are not all told: %s', async (path, body) => {
    const answer = await post(path, body)
    expect(answer.status).toBe(422)
    expect(JSON.parse(answer.body).errors.length).toBeLessThanOrEqual(100)
    expect(answer.body.length).toBeLessThan(30_000)
  })

  test('a form of names without end', async () => {
    const letters = (index: number) =>
      [...index.toString(26)].map((digit) => String.fromCharCode(97 + parseInt(digit, 26))).join('')
    const pairs = Array.from({ length: 50_000 }, (_, index) => `webhook[${letters(index)}]=1`).join('&')
    const { status, text } = await world.call('POST', '/webhooks.json', `Bearer ${world.ours.accessToken}`)
    expect([status, JSON.parse(text).code]).toEqual([422, 'error'])
    const response = await fetch(`${world.server.url}/webhooks.json`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${world.ours.accessToken}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: pairs,
    })
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'error'])
  })

  test.each(['/v1/tenants', '/v1/events'])('a key of a megabyte: %s', async (path) => {
    const answer = await post(path, `{"${'k'.repeat(megabyte - 100)}":1}`)
    expect(answer.status).toBeOneOf([400, 422])
    expect(answer.body.length).toBeLessThan(20_000)
  })

  test.each([
    ['no JSON', '{"id":1,}'],
    ['a key twice', '{"id":1,"id":2}'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['a lone surrogate half as UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['two values', '{}{}'],
    ['NaN', '{"id":NaN}'],
  ])('%s', async (_, body) => {
    for (const path of ['/v1/tenants', '/v1/events']) expect((await post(path, body)).status).toBe(400)
  })
})

describe("H54 headers of a subscription that are not the integrator's to set", () => {
  const subscription = (headers: object) => ({
    endpoint: { url: 'http://127.0.0.1:9/hook', headers },
    types: ['*'],
  })

  test.each([
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Upgrade',
    'TE',
    'Trailer',
    'Expect',
    'Keep-Alive',
    'webhook-id',
    'webhook-signature',
    'Webhook-Timestamp',
    'content-type',
    'X Y',
    'X:Y',
    '',
    'Överskrift',
  ])('%s', async (name) => {
    const reply = await world.call('POST', '/v1/subscriptions', world.ours.basic, subscription({ [name]: 'x' }))
    expect(reply.status).toBe(422)
  })

  test.each(['a\r\nX: b', 'a\nb', 'a\0b', 'a\u0001', 'x'.repeat(100_000)])('a value like %j', async (value) => {
    const reply = await world.call('POST', '/v1/subscriptions', world.ours.basic, subscription({ 'X-Own': value }))
    expect(reply.status).toBe(422)
  })

  test('__proto__', async () => {
    const body = `{"endpoint":{"url":"http://127.0.0.1:9/hook","headers":{"__proto__":"x"}},"types":["*"]}`
    expect((await world.call('POST', '/v1/subscriptions', world.ours.basic, body)).status).toBeOneOf([400, 422])
  })

  test('others are taken', async () => {
    const reply = await world.call('POST', '/v1/subscriptions', world.ours.basic, subscription({ 'X-Own': 'x' }))
    expect(reply.status).toBe(201)
  })
})

describe('H56 fields that are not the caller’s to set', () => {
  const readOnly = {
    tenant_id: 1,
    owner: 'x',
    role: 'admin',
    signingPublicKey: 'whpk_AAAA',
    secrets: [],
    createdAt: '2020-01-01T00:00:00Z',
    status: 'active',
    number: 1,
    boundTenantId: 1,
    disabledReason: null,
  }
  const valid: Record<string, object> = {
    '/v1/subscriptions': { endpoint: { url: 'http://127.0.0.1:9/hook' }, types: ['*'] },
    '/v1/tenants': { id: 303 },
    '/v1/integrations': { name: 'x' },
    '/v1/keys': { kind: 'pub' },
    '/v1/events': { tenantId: 101, type: 'invoice.updated', entityId: '1' },
  }
  test.each(
    Object.keys(valid).flatMap((path) => Object.entries(readOnly).map(([name, value]) => [path, name, value] as const)),
  )('%s %s', async (path, name, value) => {
    const answer = await post(path, JSON.stringify({ ...valid[path], [name]: value }))
    expect(answer.status).toBe(422)
    expect(JSON.parse(answer.body).errors).toContainEqual(
      expect.objectContaining({ pointer: `/${name}`, code: 'unknown_field' }),
    )
  })

  test.each(Object.entries(readOnly))('PATCH %s', async (name, value) => {
    const { id } = (await world.call('POST', '/v1/subscriptions', world.ours.basic, valid['/v1/subscriptions'])).json
    const reply = await world.call('PATCH', `/v1/subscriptions/${id}`, world.ours.basic, { [name]: value })
    expect(reply.status).toBe(422)
  })

  test('an integrator acts for itself, whomever it names', async () => {
    const reply = await world.call('POST', '/v1/subscriptions', world.ours.basic, {
      ...valid['/v1/subscriptions'],
      integrationId: world.theirs.id,
    })
    if (reply.status === 201) expect(reply.json.integrationId).toBe(world.ours.id)
    else expect(reply.status).toBeOneOf([403, 422])
  })
})
