import { describe, expect, test } from 'vitest'
import type { Subscription } from '../../core/registry/registry.ts'
import { sampleSubscription } from '../../dialects/samples.ts'
import { answered, openWebhooks } from '../../follow/fixtures/webhooks.ts'
import { EndpointHolds } from './endpoint-holds.ts'

const at = (url: string, more: Partial<Subscription> = {}) => {
  const sample = sampleSubscription('standard', more)
  return { ...sample, endpoint: { ...sample.endpoint, url } }
}
const asking = (status: number, retryAfter: string) => ({ ...answered(status), retryAfter })

describe('an endpoint that asks to be left alone', () => {
  test.each([429, 503])('by %i and Retry-After gets nothing until then, whatever waits for it', async (status) => {
    const held: number[] = []
    const { answerWith, append, clock, log, positionsOf, set, store, webhooks } = await openWebhooks()
    webhooks.onEvent((event) => {
      if (event.kind === 'news' && event.news.kind === 'held') held.push(event.news.untilMs)
    })
    set(1, { concurrency: 1 })
    webhooks.start()
    answerWith(async () => answered(500))
    await append('old')
    await clock.advance(1_000)
    answerWith(async () => asking(status, '3600'))
    const startedMs = clock.now()
    await append('a', 'b', 'c')
    await clock.advance(1_000)
    expect(positionsOf(1)).toHaveLength(2)
    answerWith(async () => answered(200))
    await append('d')
    await clock.advance(3_600_000 - 2_000)
    // Nor the retry of `old`, which has fallen due.
    expect(positionsOf(1)).toHaveLength(2)
    await clock.advance(10_000)
    expect(positionsOf(1)).toHaveLength(7)
    expect(new Set(positionsOf(1)).size).toBe(5)
    expect(held).toEqual([startedMs + 3_600_000])
    await webhooks.flush()
    expect((await store.count()).waiting).toBe(0)
    // The others of its log were not kept waiting.
    expect(webhooks.lag).toBe(0)
    expect(log.bounds(0).latest).toBe(5)
    await webhooks.stop()
  })

  test('other statuses with Retry-After wait with their delivery alone', async () => {
    const { answerWith, append, clock, positionsOf, set, webhooks } = await openWebhooks()
    set(1, { concurrency: 1 })
    webhooks.start()
    answerWith(async () => asking(500, '3600'))
    await append('a', 'b')
    await clock.advance(1_000)
    expect(positionsOf(1)).toHaveLength(2)
    await webhooks.stop()
  })

  test('gets nothing of the integration’s other subscriptions either, and other endpoints are not held', async () => {
    const { answerWith, append, clock, positionsOf, set, webhooks } = await openWebhooks()
    const { endpoint } = sampleSubscription('standard')
    set(1, { concurrency: 1, endpoint: { ...endpoint, url: 'https://example.com/hook?tenant=1' } })
    set(2, {
      concurrency: 1,
      endpoint: { ...endpoint, url: 'https://example.com/hook?tenant=2' },
      types: ['customer.*'],
    })
    set(3, { concurrency: 1, endpoint: { ...endpoint, url: 'https://example.com/other' } })
    webhooks.start()
    answerWith(async () => asking(429, '60'))
    await append('a')
    await clock.advance(1_000)
    set(2, { types: ['*'] })
    answerWith(async () => answered(200))
    await append('b')
    await clock.advance(10_000)
    expect([positionsOf(1).length, positionsOf(2).length]).toEqual([1, 0])
    await clock.advance(60_000)
    expect([positionsOf(1).length, positionsOf(2).length]).toEqual([3, 1])
    expect(positionsOf(3).length).toBeGreaterThan(1)
    await webhooks.stop()
  })

  test('is left alone after a restart, and tried at once when its subscription is enabled', async () => {
    const { append, clock, positionsOf, set, webhooks } = await openWebhooks()
    const { endpoint } = sampleSubscription('standard')
    set(1, { hold: { url: endpoint.url, until: new Date(clock.now() + 600_000).toISOString() } })
    webhooks.start()
    await append('a')
    await clock.advance(60_000)
    expect(positionsOf(1)).toEqual([])
    set(1, { status: 'disabled', disabledReason: 'by_request' })
    set(1, { status: 'active', disabledReason: null, hold: null })
    await clock.advance(1_000)
    expect(positionsOf(1)).toHaveLength(1)
    await webhooks.stop()
  })

  test('is left alone after a restart by the other subscriptions that have it, too', async () => {
    const { append, clock, positionsOf, set, webhooks } = await openWebhooks()
    const { endpoint } = sampleSubscription('standard')
    set(1, { endpoint: { ...endpoint, url: `${endpoint.url}?tenant=1` } })
    const url = `${endpoint.url}?tenant=2`
    set(2, { endpoint: { ...endpoint, url }, hold: { url, until: new Date(clock.now() + 600_000).toISOString() } })
    webhooks.start()
    await append('a')
    await clock.advance(60_000)
    expect([positionsOf(1), positionsOf(2)]).toEqual([[], []])
    await clock.advance(600_000)
    expect([positionsOf(1).length, positionsOf(2).length]).toEqual([1, 1])
    await webhooks.stop()
  })
})

describe('holds', () => {
  test('are by integration, and by origin and path', () => {
    const holds = new EndpointHolds()
    holds.hold(at('https://example.com/hook?a=1'), 61_000, 1_000)
    expect(holds.untilMs(at('https://example.com/hook'), 2_000)).toBe(61_000)
    expect(holds.untilMs(at('https://example.com/hook?a=2'), 2_000)).toBe(61_000)
    expect(holds.untilMs(at('https://example.com/hooks'), 2_000)).toBe(0)
    expect(holds.untilMs(at('https://example.com/hook', { integrationId: 'int_2' }), 2_000)).toBe(0)
    expect(holds.untilMs(at('https://example.com/hook'), 61_000)).toBe(0)
  })

  test('a noted one counts while its URL is the endpoint’s', () => {
    const holds = new EndpointHolds()
    const hold = { url: 'https://example.com/hook', until: '1970-01-01T00:10:00Z' }
    holds.recall(at('https://example.com/hook', { hold }), 0)
    holds.recall(at('https://example.com/new', { hold }), 0)
    expect(holds.untilMs(at('https://example.com/hook'), 0)).toBe(600_000)
    expect(holds.untilMs(at('https://example.com/new'), 0)).toBe(0)
  })

  test('the longest stands, until it is released', () => {
    const holds = new EndpointHolds()
    const endpoint = at('https://example.com/hook')
    holds.hold(endpoint, 9_000, 0)
    holds.hold(endpoint, 5_000, 0)
    expect(holds.untilMs(endpoint, 0)).toBe(9_000)
    holds.release(endpoint)
    expect(holds.untilMs(endpoint, 0)).toBe(0)
  })

  test('a clock that is set back ends them', () => {
    const holds = new EndpointHolds()
    const dayMs = 86_400_000
    holds.hold(at('https://example.com/hook'), 10 * dayMs, 9 * dayMs)
    expect(holds.untilMs(at('https://example.com/hook'), 9 * dayMs)).toBe(10 * dayMs)
    expect(holds.untilMs(at('https://example.com/hook'), 8 * dayMs)).toBe(0)
  })

  test('are bounded', () => {
    const holds = new EndpointHolds()
    for (let index = 0; index <= 10_000; index++) holds.hold(at(`https://example.com/${index}`), 60_000, 0)
    expect(holds.untilMs(at('https://example.com/0'), 0)).toBe(0)
    expect(holds.untilMs(at('https://example.com/10000'), 0)).toBe(60_000)
  })
})
