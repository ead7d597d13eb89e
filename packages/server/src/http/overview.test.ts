import { expect, test } from 'vitest'
import type { Owner } from '../core/credential/caller.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { DeliveryQuery, Undelivered, UndeliveredRequest } from '../deliver/history/history-store.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { attemptRow } from '../engines/conformance/delivery-rows.ts'
import { mostCountedEach, standingOf } from './overview.ts'

const operator: Owner = { kind: 'operator' }
const lastAttempt = attemptRow(2, 1, { outcome: 'waiting', status: 500, error: 'http_500' })
const failedRow = { ...lastAttempt, status: 'waiting' as const, attempts: 1, nextAttemptAtMs: 0, lastAttempt }
const subscriptionOf = (number: number, rest: Partial<Subscription> = {}) =>
  sampleSubscription('standard', { number, id: `sub_${number}`, integrationId: 'int_1', boundTenantId: null, ...rest })

function overviewOf(
  subscriptions: readonly Subscription[],
  undelivered: readonly Undelivered[] = [],
  more: { readonly ungranted?: readonly number[]; readonly paused?: readonly number[] } = {},
) {
  const requests: UndeliveredRequest[] = []
  const deps = {
    ordered: {
      subscriptionPage: (integrationId: string | undefined, after: string | undefined, limit: number) =>
        subscriptions
          .filter((each) => integrationId === undefined || each.integrationId === integrationId)
          .filter(({ id }) => after === undefined || id > after)
          .slice(0, limit),
    },
    history: {
      undelivered: async (request: UndeliveredRequest) => {
        requests.push(request)
        return undelivered.filter(({ subscription }) => subscription > request.after).slice(0, request.limit)
      },
      list: async ({ subscriptions }: DeliveryQuery) => ({
        rows: subscriptions?.[0] === 2 ? [failedRow] : [],
        next: null,
      }),
    },
    standing: { hasGrant: ({ number }: Subscription) => !more.ungranted?.includes(number) },
    readings: { isPaused: ({ number }: Subscription) => more.paused?.includes(number) ?? false },
  }
  return { of: (owner: Owner) => standingOf(deps, owner), requests }
}

test('where all is well there is nothing to look at', async () => {
  const { of } = overviewOf([subscriptionOf(1), subscriptionOf(2)])
  expect(await of(operator)).toEqual({
    subscriptions: { total: 2, failing: 0, disabled: 0, withoutGrant: 0 },
    deliveries: { waiting: 0, failed: 0, isExact: true },
    attention: { total: 0, items: [] },
  })
})

test('the worst off come first, each with every reason and what it has not had', async () => {
  const { of } = overviewOf(
    [
      subscriptionOf(1, { status: 'disabled' }),
      subscriptionOf(2, { failingSince: '2026-01-01T00:00:00Z' }),
      subscriptionOf(3),
      subscriptionOf(4),
      subscriptionOf(5),
      subscriptionOf(6),
    ],
    [
      { subscription: 2, waiting: 4, failed: 1 },
      { subscription: 3, waiting: 1, failed: 0 },
      { subscription: 6, waiting: 0, failed: 9 },
    ],
    { ungranted: [1, 4], paused: [5] },
  )
  const { attention, ...rest } = await of(operator)
  expect(attention.items.map(({ subscription, ...row }) => ({ id: subscription.id, ...row }))).toEqual([
    { id: 'sub_2', reasons: ['failing', 'undelivered'], waiting: 4, failed: 1, error: 'http_500' },
    { id: 'sub_6', reasons: ['undelivered'], waiting: 0, failed: 9, error: null },
    { id: 'sub_3', reasons: ['undelivered'], waiting: 1, failed: 0, error: null },
    { id: 'sub_5', reasons: ['paused'], waiting: 0, failed: 0, error: null },
    { id: 'sub_1', reasons: ['disabled', 'no_grant'], waiting: 0, failed: 0, error: null },
    { id: 'sub_4', reasons: ['no_grant'], waiting: 0, failed: 0, error: null },
  ])
  expect(rest).toEqual({
    subscriptions: { total: 6, failing: 1, disabled: 1, withoutGrant: 2 },
    deliveries: { waiting: 5, failed: 10, isExact: true },
  })
})

test('an integration is told of its own alone', async () => {
  const { of } = overviewOf(
    [subscriptionOf(1, { integrationId: 'int_2', status: 'disabled' }), subscriptionOf(2)],
    [{ subscription: 1, waiting: 3, failed: 0 }],
  )
  const own: Owner = { kind: 'integrator', integrationId: 'int_1', tenantId: null, token: null }
  expect(await of(own)).toMatchObject({
    subscriptions: { total: 1, disabled: 0 },
    deliveries: { waiting: 0 },
    attention: { total: 0 },
  })
})

test('of very many, fifty are shown, and a count that is not whole says so', async () => {
  const many = Array.from({ length: 260 }, (_, number) => subscriptionOf(number + 100))
  const counts = many.map(({ number }) => ({
    subscription: number,
    waiting: number === 159 ? mostCountedEach : 1,
    failed: 0,
  }))
  const { of, requests } = overviewOf(many, counts)
  const { attention, deliveries } = await of(operator)
  expect([attention.total, attention.items.length]).toEqual([260, 50])
  expect(attention.items[0]?.subscription.number).toBe(159)
  expect(deliveries).toEqual({ waiting: 259 + mostCountedEach, failed: 0, isExact: false })
  expect(requests.map(({ after }) => after)).toEqual([-1, 349])
})
