import { describe, expect, test } from 'vitest'
import type { Owner } from '../core/credential/caller.ts'
import { committing, makeTestSubscriptions, operator, refusalOf } from './fixtures/test-subscriptions.ts'

const stranger: Owner = { kind: 'integrator', integrationId: 'int_2', tenantId: null, token: null }
const endpoint = { url: 'https://example.com/hook' }

test('what is another’s does not exist, whatever is done with it', async () => {
  const { subscriptions, create, directory } = await makeTestSubscriptions()
  const { id } = await create()
  const { revision } = directory
  for (const attempt of [
    async () => subscriptions.get(stranger, id),
    () => subscriptions.change(stranger, id, { description: 'mine' }),
    () => subscriptions.update(stranger, id, (current) => ({ ...current, description: 'mine' })),
    () => subscriptions.disable(stranger, id),
    () => subscriptions.enable(stranger, id, 'stopped'),
    () => subscriptions.rotateSecret(stranger, id, 0),
    () => subscriptions.remove(stranger, id),
    async () => subscriptions.get(operator, 'sub_unknown'),
  ]) {
    expect((await refusalOf(attempt())).code).toBe('not_found')
  }
  expect(directory.revision).toBe(revision)
})

describe('several at once', () => {
  test('are made together or not at all', async () => {
    const { subscriptions, create, directory } = await makeTestSubscriptions()
    const taken = await create()
    const draft = { integrationId: 'int_1', endpoint }
    const wanted = [{ draft }, { draft, own: { id: taken.id } }]
    expect((await refusalOf(subscriptions.createAll(operator, wanted))).code).toBe('conflict')
    expect(directory.subscriptions.size).toBe(1)
    // Their places were inserted before.
    expect([...directory.deletedSubscriptions.values()].map(({ number }) => number).sort()).toEqual([2, 3])
    const made = await subscriptions.createAll(operator, [{ draft }, { draft }])
    expect(made.map(({ subscription }) => subscription.number)).toEqual([4, 5])
    expect(directory.subscriptions.size).toBe(3)
  })

  test('are changed together or not at all', async () => {
    const { subscriptions, create, directory } = await makeTestSubscriptions()
    const [one, two] = [await create(), await create()]
    const change = (id: string, refuses = false) => ({
      ...{ id, draft: { description: 'changed' } },
      also: <T>(changed: T) => {
        if (refuses) throw new Error('refused')
        return changed
      },
    })
    await expect(subscriptions.changeAll(operator, [change(one.id), change(two.id, true)])).rejects.toThrow('refused')
    expect(directory.subscriptions.get(one.id)?.description).toBeNull()
    await subscriptions.changeAll(operator, [change(one.id), change(two.id)])
    expect([...directory.subscriptions.values()].map(({ description }) => description)).toEqual(['changed', 'changed'])
  })

  test('are removed together or not at all', async () => {
    const { subscriptions, create, directory } = await makeTestSubscriptions()
    const [one, two] = [await create(), await create()]
    expect((await refusalOf(subscriptions.removeAll(operator, [one.id, 'sub_unknown']))).code).toBe('not_found')
    expect(directory.subscriptions.size).toBe(2)
    await subscriptions.removeAll(operator, [one.id, two.id])
    expect(directory.subscriptions.size).toBe(0)
  })
})

test.each(['dialect', 'start', 'signature', 'signingSecret', 'integrationId'])(
  '%s is said when a subscription is made, and never changed',
  async (name) => {
    const { subscriptions, create } = await makeTestSubscriptions()
    const { id } = await create()
    expect(await refusalOf(subscriptions.change(operator, id, { [name]: 'now' }))).toMatchObject({
      ...{ code: 'invalid_request', errors: [{ pointer: `/${name}`, code: 'read_only' }] },
    })
  },
)

describe('a change that others overtake', () => {
  test('is made again over what they wrote', async () => {
    let overtakings = 3
    const { subscriptions, create } = await makeTestSubscriptions(({ registry }) => ({
      registry: committing(registry, async (writes) => {
        const { directory } = registry
        if (writes[0]!.ifRevision !== 0 && overtakings-- > 0) {
          const [current] = [...directory.subscriptions.values()]
          const settings = { count: Number(current!.settings.count ?? 0) + 1 }
          await registry.commit([{ kind: 'subscription', id: current!.id, value: { ...current!, settings } }])
        }
        return registry.commit(writes)
      }),
    }))
    const { id } = await create()
    const changed = await subscriptions.change(operator, id, { description: 'mine' })
    expect(changed).toMatchObject({ description: 'mine', settings: { count: 3 } })
  })

  test('again and again is refused', async () => {
    let tries = 0
    const { subscriptions, create } = await makeTestSubscriptions()
    const { id } = await create()
    const stored = subscriptions.get(operator, id)
    const busy = await makeTestSubscriptions(({ registry }) => ({
      lookUp: { get: () => stored, atRevision: () => ({ subscription: stored, revision: 1 }), withId: () => stored },
      registry: committing(registry, async () => {
        tries += 1
        return { kind: 'refused', index: 0, reason: 'revision' }
      }),
    }))
    const change = busy.subscriptions.change(operator, id, { description: 'mine' })
    expect((await refusalOf(change)).code).toBe('conflict')
    expect(tries).toBe(5)
  })
})

test('an update that changes nothing writes nothing', async () => {
  const { subscriptions, create, directory } = await makeTestSubscriptions()
  const { id } = await create()
  const { revision } = directory
  await subscriptions.update(operator, id, (current) => current)
  expect(directory.revision).toBe(revision)
})

describe('a disabled subscription', () => {
  test('keeps the reason for which it was disabled first', async () => {
    const { subscriptions, create, clock } = await makeTestSubscriptions()
    const { id } = await create()
    const disabledAt = '2026-01-01T00:00:00.000Z'
    expect(await subscriptions.disable(operator, id)).toMatchObject({
      ...{ status: 'disabled', disabledReason: 'by_request', disabledAt },
    })
    await clock.advance(1_000)
    expect(await subscriptions.disable(operator, id, 'gone')).toMatchObject({
      disabledReason: 'by_request',
      disabledAt,
    })
  })

  test('is as new when it is enabled, and goes on where it stopped', async () => {
    const { subscriptions, create, placed } = await makeTestSubscriptions()
    const { id, endpoint: made } = await create()
    await subscriptions.update(operator, id, (current) => ({
      ...current,
      ...{ failingSince: '2026-01-01T00:00:00Z', hold: { url: made.url, until: '2026-01-02T00:00:00Z' } },
    }))
    await subscriptions.disable(operator, id)
    placed.length = 0
    expect(await subscriptions.enable(operator, id, 'stopped')).toMatchObject({
      ...{ status: 'active', disabledReason: null, disabledAt: null, failingSince: null, hold: null },
    })
    expect(placed).toEqual([])
  })

  test('leaves out what came before, where that is asked for, and not when it is active already', async () => {
    const { subscriptions, create, placed } = await makeTestSubscriptions()
    const { id, number } = await create()
    placed.length = 0
    await subscriptions.enable(operator, id, 'now')
    expect(placed).toEqual([])
    await subscriptions.disable(operator, id)
    await subscriptions.enable(operator, id, 'now')
    expect(placed).toMatchObject([[number, { mode: 'own', position: 100 }, { skips: 'enabled_from_now' }]])
  })
})

describe('a receiver that is asked for its consent', () => {
  test('may agree at once to less than was asked', async () => {
    const { create, receiver, questions } = await makeTestSubscriptions()
    receiver.says = { kind: 'agreed', ratePerSecond: 2, settings: { agreed: true } }
    expect(await create({ ratePerSecond: 9 })).toMatchObject({ ratePerSecond: 2, settings: { agreed: true } })
    expect(questions).toHaveLength(1)
    expect(questions[0]![1]).toBeNull()
  })

  test('that refuses gets no subscription', async () => {
    const { create, receiver, directory } = await makeTestSubscriptions()
    receiver.says = { kind: 'refused', code: 'origin_refused', detail: 'no' }
    expect((await refusalOf(create())).code).toBe('invalid_request')
    expect(directory.subscriptions.size).toBe(0)
  })

  test('may consent later, once, by the key that it was offered, within a week', async () => {
    const { subscriptions, create, receiver, clock } = await makeTestSubscriptions()
    receiver.says = { kind: 'pending' }
    const { id } = await create()
    const [key] = receiver.keys as [string]
    expect(subscriptions.get(operator, id)).toMatchObject({ status: 'disabled', disabledReason: 'awaiting_consent' })
    expect(await subscriptions.consent(id, 'another key', {})).toBe(false)
    expect(await subscriptions.consent('sub_unknown', key, {})).toBe(false)
    await clock.advance(7 * 86_400_000 - 1)
    expect(await subscriptions.consent(id, key, { ratePerSecond: 3 })).toBe(true)
    expect(subscriptions.get(operator, id)).toMatchObject({ status: 'active', ratePerSecond: 3 })
    expect(await subscriptions.consent(id, key, {})).toBe(false)
  })

  test('consents too late after a week', async () => {
    const { subscriptions, create, receiver, clock } = await makeTestSubscriptions()
    receiver.says = { kind: 'pending' }
    const { id } = await create()
    await clock.advance(7 * 86_400_000)
    expect(await subscriptions.consent(id, receiver.keys[0]!, {})).toBe(false)
    expect(subscriptions.get(operator, id).status).toBe('disabled')
  })

  test('may consent before the subscription is stored: it counts as soon as it is', async () => {
    const { subscriptions, create, receiver, directory } = await makeTestSubscriptions()
    receiver.says = { kind: 'pending' }
    receiver.whenAsked = async (key) => {
      expect(directory.subscriptions.size).toBe(0)
      expect(await subscriptions.consent('whatever', key, { ratePerSecond: 4 })).toBe(true)
    }
    expect(await create()).toMatchObject({ status: 'active', ratePerSecond: 4 })
  })

  test('is asked again when the subscription is enabled, and that one stays disabled until it consents', async () => {
    const { subscriptions, create, receiver, questions } = await makeTestSubscriptions()
    receiver.says = { kind: 'pending' }
    const { id } = await create()
    expect(await subscriptions.enable(operator, id, 'stopped')).toMatchObject({ status: 'disabled' })
    expect(questions).toHaveLength(2)
    const [first, second] = receiver.keys as [string, string]
    expect(await subscriptions.consent(id, first, {})).toBe(false)
    expect(await subscriptions.consent(id, second, {})).toBe(true)
    expect(await subscriptions.enable(operator, id, 'stopped')).toMatchObject({ status: 'active' })
    expect(questions).toHaveLength(2)
  })

  test('consents in vain to one that its owner disabled meanwhile', async () => {
    const { subscriptions, create, receiver } = await makeTestSubscriptions()
    receiver.says = { kind: 'pending' }
    const { id } = await create()
    await subscriptions.disable(operator, id)
    expect(await subscriptions.consent(id, receiver.keys[0]!, {})).toBe(true)
    expect(subscriptions.get(operator, id)).toMatchObject({ status: 'disabled', disabledReason: 'by_request' })
  })
})

describe('a rotated secret', () => {
  test('signs beside the one before until the overlap ends, and is shown once', async () => {
    const { subscriptions, create } = await makeTestSubscriptions()
    const { id, secrets: before } = await create()
    const shown = await subscriptions.rotateSecret(operator, id, 60)
    const { secrets } = subscriptions.get(operator, id)
    expect(secrets.map(({ sealed, expiresAt }) => [sealed, expiresAt])).toEqual([
      [`sealed ${shown} for ${id}`, null],
      [before[0]!.sealed, '2026-01-01T00:01:00.000Z'],
    ])
  })

  test('is of the same algorithm as the one before', async () => {
    const { subscriptions, create } = await makeTestSubscriptions()
    const { id } = await create({ signature: 'ed25519' })
    expect(await subscriptions.rotateSecret(operator, id, 0)).toBeNull()
    expect(subscriptions.get(operator, id).secrets.map(({ algorithm }) => algorithm)).toEqual(['ed25519'])
  })

  test('there is none where the dialect does not sign', async () => {
    const { subscriptions, create } = await makeTestSubscriptions()
    const { id } = await create({ dialect: 'unsigned' })
    expect((await refusalOf(subscriptions.rotateSecret(operator, id, 0))).code).toBe('conflict')
  })
})
