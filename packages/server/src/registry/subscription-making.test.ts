import { describe, expect, test } from 'vitest'
import type { Owner } from '../core/credential/caller.ts'
import { integrator, makeTestSubscriptions, operator, refusalOf } from './fixtures/test-subscriptions.ts'

const endpoint = { url: 'https://EXAMPLE.com/hook' }
const byToken: Owner = {
  ...{ kind: 'integrator', integrationId: 'int_1', tenantId: 7, token: { id: 'tok_1', types: ['invoice.*'] } },
}

describe('whose a new subscription is', () => {
  test.each([
    ['an integration by its own credentials, for all its tenants', integrator, null, null],
    ['a token, for its tenant and what it shows', byToken, 7, ['invoice.*']],
  ])('%s', async (_, owner, boundTenantId, visibleTypes) => {
    const { subscriptions } = await makeTestSubscriptions()
    const { subscription } = await subscriptions.create(owner, { endpoint, types: ['invoice.updated'] })
    expect(subscription).toMatchObject({ integrationId: 'int_1', boundTenantId, visibleTypes })
  })

  test('the operator names the integration, one that there is', async () => {
    const { subscriptions, create } = await makeTestSubscriptions()
    expect(await create()).toMatchObject({ integrationId: 'int_1', boundTenantId: null, visibleTypes: null })
    for (const integrationId of [undefined, 'int_unknown']) {
      const draft = { endpoint, ...(integrationId === undefined ? {} : { integrationId }) }
      expect(await refusalOf(subscriptions.create(operator, draft))).toMatchObject({
        errors: [{ pointer: '/integrationId' }],
      })
    }
  })

  test('an integration makes none for another', async () => {
    const { subscriptions } = await makeTestSubscriptions()
    const draft = { endpoint, integrationId: 'int_2' }
    expect(await refusalOf(subscriptions.create(integrator, draft))).toMatchObject({
      errors: [{ pointer: '/integrationId' }],
    })
    const own = await subscriptions.create(integrator, { endpoint, integrationId: 'int_1' })
    expect(own.subscription.integrationId).toBe('int_1')
  })
})

test('it has an endpoint, and everything that is wrong is told at once', async () => {
  const { subscriptions, directory, placed } = await makeTestSubscriptions()
  expect((await refusalOf(subscriptions.create(integrator, {}))).code).toBe('invalid_request')
  const faulty = subscriptions.create(integrator, { endpoint, types: ['nonsense'], fields: '((' })
  expect((await refusalOf(faulty)).errors?.map(({ pointer }) => pointer).sort()).toEqual(['/fields', '/types/0'])
  expect([directory.subscriptions.size, placed]).toEqual([0, []])
})

test('its secret is shown once and kept sealed for it; its URL is kept as it was parsed', async () => {
  const { subscriptions } = await makeTestSubscriptions()
  const { subscription, signingSecret } = await subscriptions.create(integrator, { endpoint })
  expect(subscription.secrets).toMatchObject([{ sealed: `sealed ${signingSecret} for ${subscription.id}` }])
  expect(subscription.endpoint.url).toBe('https://example.com/hook')
  const imported = await subscriptions.create(integrator, { endpoint, signingSecret: `whsec_${'a'.repeat(32)}` })
  expect(imported.signingSecret).toBe(`whsec_${'a'.repeat(32)}`)
})

test('it begins now where nothing else is asked for, and at its start otherwise', async () => {
  const { subscriptions, placed } = await makeTestSubscriptions()
  await subscriptions.create(integrator, { endpoint })
  await subscriptions.create(integrator, { endpoint, start: 'earliest' })
  expect(placed.map(([number, { position }]) => [number, position])).toEqual([
    [1, 100],
    [2, 0],
  ])
})

test('a dialect brings its own id, secret and settings, and may begin it disabled', async () => {
  const { subscriptions } = await makeTestSubscriptions()
  const own = { id: 'sub_own', secret: { shown: 'own', records: [] }, settings: { kept: 1 }, disabledReason: 'asked' }
  const draft = { endpoint, settings: { given: 2 } }
  const { subscription, signingSecret } = await subscriptions.create(integrator, draft, own)
  expect(subscription).toMatchObject({
    ...{ id: 'sub_own', secrets: [], settings: { given: 2, kept: 1 } },
    ...{ status: 'disabled', disabledReason: 'asked', disabledAt: '2026-01-01T00:00:00.000Z' },
  })
  expect(signingSecret).toBe('own')
})

test('it is stored only while a document that it goes by is as it was read', async () => {
  const { subscriptions, directory } = await makeTestSubscriptions()
  const record = { id: 'rec_1', dialect: 'standard', integrationId: 'int_1', value: {}, createdAt: '', updatedAt: '' }
  await subscriptions.create(integrator, { endpoint }, { beside: [{ record, revision: 0 }] })
  expect(directory.dialectRecords.get('rec_1')).toEqual(record)
  const late = subscriptions.create(integrator, { endpoint }, { beside: [{ record, revision: 0 }] })
  expect((await refusalOf(late)).code).toBe('conflict')
  expect(directory.subscriptions.size).toBe(1)
})
