import { describe, expect, test } from 'vitest'
import { startLiveReceiver } from '../dialects/fixtures/live.ts'
import {
  addTenants,
  feed,
  type OwnTokens,
  openFortnox,
  patience,
  payroll,
  startOwnTokens,
} from './fixtures/own-tokens.ts'

/**
 * Whoever brings an access token sees and subscribes to at most what it shows, though a token of everything of the
 * same tenant and integration stands beside it.
 */
const narrowTypes = ['invoice.created']

const makers: Record<string, (own: OwnTokens) => Promise<string>> = {
  made: async (own) => (await grant(own, { types: narrowTypes })).accessToken,
  imported: async (own) => (await grant(own, { types: narrowTypes, accessToken: 'narrow-and-imported' })).accessToken,
  recognised: async (own) => own.opaque('narrow-and-recognised', { scope: narrowTypes.join(' ') }),
}

function grant(own: OwnTokens, more: object = {}): Promise<{ id: string; accessToken: string }> {
  return own.operate('POST', `/v1/integrations/${own.integrationId}/tokens`, { tenantId: 29302, ...more })
}

async function startBoth(make: (own: OwnTokens) => Promise<string>) {
  const own = await startOwnTokens()
  const wide = await grant(own)
  const narrow = await make(own)
  const receiver = await startLiveReceiver(own.clock)
  const subscribe = async (token: string, more: object = {}) => {
    const wanted = { endpoint: { url: receiver.url }, types: ['*'], retry: { delaysSeconds: [] }, ...more }
    const made = await own.call('POST', '/v1/subscriptions', token, wanted)
    expect(made.status).toBe(201)
    return made.json as { id: string; visibleTypes: string[] | null }
  }
  const publishBoth = async (name: string) => {
    await own.publish(`hidden ${name}`)
    await own.publish(`shown ${name}`, { type: 'invoice.created' })
  }
  const arrived = async () => JSON.parse((await receiver.next()).body.toString()).entityId as string
  return { own, wide, narrow, receiver, subscribe, publishBoth, arrived }
}

describe.each(Object.entries(makers))('a narrow token that was %s', (_, make) => {
  test('shows its types alone on the feed, by server-sent events and on the stream', async () => {
    const { own, narrow, publishBoth, wide } = await startBoth(make)
    const fortnox = await openFortnox(own)
    await fortnox.ask(addTenants(narrow))
    await fortnox.ask({ command: 'add-topics-v1', topics: [{ topic: 'invoices' }] })
    await fortnox.ask({ command: 'subscribe-v1' })
    const stream = await fetch(`${own.url}/v1/stream?topics=invoices`, {
      headers: { authorization: `Bearer ${narrow}` },
    })
    await publishBoth('1')
    const read = async (token: string) =>
      (await own.call('GET', feed, token)).json.events.map(({ entityId }: { entityId: string }) => entityId)
    expect(await read(narrow)).toEqual(['shown 1'])
    expect(await read(wide.accessToken)).toEqual(['hidden 1', 'shown 1'])
    let said = ''
    for await (const text of stream.body!.pipeThrough(new TextDecoderStream())) {
      said += text
      if (said.includes('shown 1')) break
    }
    expect(said).not.toContain('hidden 1')
    expect(await fortnox.next()).toMatchObject({ entityId: 'shown 1' })
  })

  test('makes subscriptions that keep to its types for ever, also when it is gone and a wider one stands', async () => {
    const { own, narrow, wide, subscribe, publishBoth, arrived, receiver } = await startBoth(make)
    const { id, visibleTypes } = await subscribe(narrow)
    expect(visibleTypes).toEqual(narrowTypes)
    await publishBoth('1')
    expect(await arrived()).toBe('shown 1')
    const tokens = `/v1/integrations/${own.integrationId}/tokens`
    for (const token of (await own.operate('GET', tokens)).items) {
      if (token.id !== wide.id) await own.operate('DELETE', `${tokens}/${token.id}`)
    }
    await publishBoth('2')
    expect(await arrived()).toBe('shown 2')
    const changed = await own.call('PATCH', `/v1/subscriptions/${id}`, wide.accessToken, { types: ['invoice.*'] })
    expect(changed.json).toMatchObject({ types: ['invoice.*'], visibleTypes: narrowTypes })
    await publishBoth('3')
    expect(await arrived()).toBe('shown 3')
    expect(receiver.requests).toHaveLength(3)
    await own.operate('DELETE', `${tokens}/${wide.id}`)
    await publishBoth('4')
    await grant(own)
    await publishBoth('5')
    expect(await arrived()).toBe('shown 5')
    expect(receiver.requests).toHaveLength(4)
  })

  test('does not reach subscriptions and deliveries of wider tokens, by no route', async () => {
    const { own, narrow, wide, subscribe, publishBoth, arrived } = await startBoth(make)
    const { id } = await subscribe(wide.accessToken)
    await publishBoth('1')
    await arrived()
    await arrived()
    const list = async (token: string) => (await own.call('GET', '/v1/deliveries', token)).json.items
    await expect.poll(async () => (await list(wide.accessToken)).length, patience).toBe(2)
    const [delivery] = await list(wide.accessToken)
    expect(await list(narrow)).toEqual([])
    expect((await own.call('GET', '/v1/subscriptions', narrow)).json.items).toEqual([])
    const calls: [method: string, path: string, body?: object][] = [
      ['GET', `/v1/subscriptions/${id}`],
      ['PATCH', `/v1/subscriptions/${id}`, { endpoint: { url: 'https://example.com/elsewhere' } }],
      ['GET', `/v1/subscriptions/${id}/stats`],
      ['POST', `/v1/subscriptions/${id}/rewind`, { to: 'earliest' }],
      ['POST', `/v1/subscriptions/${id}/rotate-secret`, {}],
      ['POST', `/v1/subscriptions/${id}/test`, {}],
      ['DELETE', `/v1/subscriptions/${id}`],
      ['GET', `/v1/deliveries?subscription=${id}`],
      ['GET', `/v1/deliveries/${delivery.id}`],
      ['GET', `/v1/deliveries/${delivery.id}/attempts`],
      ['POST', `/v1/deliveries/${delivery.id}/resend`],
      ['POST', '/v1/deliveries/resend', { subscription: id, status: 'delivered' }],
    ]
    for (const [method, path, body] of calls) {
      expect([method, path, (await own.call(method, path, narrow, body)).status]).toEqual([method, path, 404])
    }
  })

  test('makes webhooks of every dialect that keep to its types', async () => {
    const { own, narrow, wide, receiver } = await startBoth(make)
    const fakturownia = { kind: 'invoice:update', url: receiver.url }
    const moneybird = { url: receiver.url, enabled_events: ['sales_invoice_created', 'sales_invoice_updated'] }
    expect((await own.call('POST', '/webhooks.json', narrow, fakturownia)).status).toBe(201)
    const hook = await own.call('POST', '/api/v2/29302/webhooks', narrow, moneybird)
    expect(hook.status).toBe(201)
    const all = (await own.operate('GET', '/v1/subscriptions')).items as { visibleTypes: string[] | null }[]
    expect(all.map(({ visibleTypes }) => visibleTypes)).toEqual([narrowTypes, narrowTypes])
    const wideHook = await own.call('POST', '/api/v2/29302/webhooks', wide.accessToken, moneybird)
    const ids = async (token: string) =>
      (await own.call('GET', '/api/v2/29302/webhooks', token)).json.map(({ id }: { id: string }) => id)
    expect(await ids(narrow)).toEqual([hook.json.id])
    expect(await ids(wide.accessToken)).toEqual([hook.json.id, wideHook.json.id])
    expect((await own.call('DELETE', `/api/v2/29302/webhooks/${wideHook.json.id}`, narrow)).status).toBe(404)
  })
})

test('a Tripletex session of a narrow token reaches no subscription to what the token does not show', async () => {
  const { own, narrow, wide, receiver } = await startBoth(makers.made!)
  const session = async (employeeToken: string) => {
    const wanted = { consumerToken: payroll.clientSecret, employeeToken, expirationDate: '2999-01-01' }
    const { json } = await own.callAs('', 'PUT', `/v2/token/session/:create?${new URLSearchParams(wanted)}`)
    return `Basic ${btoa(`0:${json.value.token}`)}`
  }
  const [wideSession, narrowSession] = [await session(wide.accessToken), await session(narrow)]
  const input = { event: 'customer.create', targetUrl: receiver.url }
  const make = (as: string) => own.callAs(as, 'POST', '/v2/event/subscription', input)
  expect((await make(narrowSession)).status).toBe(422)
  const made = await make(wideSession)
  expect(made.status).toBe(201)
  const path = `/v2/event/subscription/${made.json.value.id}`
  expect((await own.callAs(wideSession, 'GET', path)).status).toBe(200)
  expect((await own.callAs(narrowSession, 'GET', '/v2/event/subscription')).json.values).toEqual([])
  for (const [method, body] of [['GET'], ['PUT', input], ['DELETE']] as const) {
    expect((await own.callAs(narrowSession, method, path, body)).status).toBe(404)
  }
})

test('the credentials of the integration see what all its tokens show together', async () => {
  const { own, publishBoth, wide } = await startBoth(makers.made!)
  await own.operate('DELETE', `/v1/integrations/${own.integrationId}/tokens/${wide.id}`)
  await grant(own, { types: ['invoice.updated'] })
  await publishBoth('1')
  const { json } = await own.callAs(`Basic ${btoa('payroll:secret-of-payroll')}`, 'GET', feed)
  expect(json.events).toHaveLength(2)
})
