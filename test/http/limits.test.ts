import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminKey, type Reply, startWorld, type World } from './world.ts'

/** The limits that the native contract names, each with a 429 that says when to come again. */

let world: World
beforeAll(async () => {
  world = await startWorld({
    requestsPerSecond: '5',
    wrongKeysPerMinute: '3',
    streamsPerIntegration: '2',
    streamsPerAddress: '3',
  })
})
afterAll(() => world.close())

const bearer = (key: string) => `Bearer ${key}`

function expectLimited(reply: { readonly status: number; readonly headers: Headers; readonly text: string }): void {
  expect([reply.status, JSON.parse(reply.text).code]).toEqual([429, 'rate_limited'])
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
}

describe('requests of an integration', () => {
  test('by secret and by token count together; others, publishers and the operator have theirs or none', async () => {
    const { ours, theirs, publisherKey } = world
    // Well over what comes back within the time that this takes.
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        world.call('GET', '/v1/subscriptions', index % 2 === 0 ? ours.basic : bearer(ours.accessToken)),
      ),
    )
    const limited = replies.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(0)
    for (const reply of limited) expectLimited(reply)
    expect(replies.some(({ status }) => status === 200)).toBe(true)
    expect((await world.call('GET', '/v1/subscriptions', theirs.basic)).status).toBe(200)
    const event = { tenantId: 101, type: 'invoice.updated', entityId: '1' }
    const unlimited = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0
          ? world.call('POST', '/v1/events', bearer(publisherKey), event)
          : world.call('GET', '/v1/tenants', bearer(adminKey)),
      ),
    )
    expect(new Set(unlimited.map(({ status }) => status))).toEqual(new Set([200, 201]))
  })
})

describe('wrong keys of an address', () => {
  test('are refused with 429 after so many; right keys from there go on', async () => {
    const replies: Reply[] = []
    for (let count = 0; count < 5; count++)
      replies.push(await world.call('GET', '/v1/tenants', bearer(`guess-${count}`)))
    expect(replies.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429])
    expectLimited(replies.at(-1)!)
    expect((await world.call('GET', '/v1/tenants', bearer(adminKey))).status).toBe(200)
    // None at all is no guess.
    expect((await world.call('GET', '/v1/tenants', null)).status).toBe(401)
  })
})

describe('streams', () => {
  async function open(authorization: string) {
    const abort = new AbortController()
    const response = await fetch(`${world.server.url}/v1/stream?topics=invoices`, {
      headers: { authorization },
      signal: abort.signal,
    })
    return { response, close: () => abort.abort() }
  }

  const read = async (response: Response) => {
    const { status, headers } = response
    return { status, headers, text: await response.text() }
  }

  test('of an integration and of an address are counted, and one that ends makes room', async () => {
    const operator = bearer(adminKey)
    const first = await open(world.theirs.basic)
    const second = await open(world.theirs.basic)
    expect([first.response.status, second.response.status]).toEqual([200, 200])
    const third = await open(world.theirs.basic)
    expectLimited(await read(third.response))
    const byOperator = await open(operator)
    expect(byOperator.response.status).toBe(200)
    const fourth = await open(operator)
    expectLimited(await read(fourth.response))
    first.close()
    await expect
      .poll(async () => {
        const again = await open(operator)
        again.close()
        return again.response.status
      })
      .toBe(200)
    second.close()
    byOperator.close()
  })
})
