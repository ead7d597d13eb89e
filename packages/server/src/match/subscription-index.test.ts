import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { compileSubscription, isMatch } from './compiled-subscription.ts'
import { grantsOf } from './fixtures/grants.ts'
import { SubscriptionIndex } from './subscription-index.ts'

const types = ['invoice.created', 'invoice.updated', 'customer.updated', 'order.deleted']
const tenant = fc.constantFrom(1, 2, 3, 4)
const integration = fc.constantFrom('int_1', 'int_2')
const selection: fc.Arbitrary<Subscription['tenants']> = fc.oneof(
  fc.constant({ kind: 'granted' as const }),
  fc.record({ kind: fc.constant('subtree' as const), tenantId: tenant }),
  fc.record({ kind: fc.constant('list' as const), tenantIds: fc.uniqueArray(tenant, { minLength: 1 }) }),
)
const choice = fc.record({
  integrationId: integration,
  boundTenantId: fc.option(tenant),
  tenants: selection,
  types: fc.uniqueArray(fc.constantFrom('*', 'invoice.*', 'invoice.updated', 'customer.updated', 'order.deleted'), {
    minLength: 1,
  }),
})

function eventOf(type: string, tenantId: number, isQuiet: boolean): StoredEvent {
  return {
    partition: 0,
    position: 7,
    topic: 'topic',
    tenantId,
    type,
    entityKey: '1',
    isQuiet,
    appendedAtMs: 0,
    head: `"type":"${type}","timestamp":"2026-01-01T00:00:00.000Z","tenantId":${tenantId},"entityId":"1"`,
    tail: '"id":"1"',
  }
}

it('finds exactly what asking every subscription would find', () => {
  fc.assert(
    fc.property(
      fc.array(choice, { maxLength: 12 }),
      fc.array(fc.tuple(integration, tenant), { maxLength: 6 }),
      fc.array(fc.nat(11), { maxLength: 4 }),
      (choices, granted, removed) => {
        const grants = grantsOf(granted)
        const index = new SubscriptionIndex()
        const members = choices.map((chosen, number) =>
          compileSubscription(
            sampleSubscription('standard', { ...chosen, number, filter: null, topicFloors: null }),
            () => true,
          ),
        )
        for (const member of members) index.add(member)
        for (const number of removed) index.remove(number)
        const left = members.filter(({ subscription }) => !removed.includes(subscription.number))
        for (const type of types) {
          for (const tenantId of [1, 2, 3, 4]) {
            for (const isQuiet of [false, true]) {
              const event = eventOf(type, tenantId, isQuiet)
              const numbers = (found: readonly { subscription: Subscription }[]) =>
                found.map(({ subscription }) => subscription.number).sort((a, b) => a - b)
              expect(numbers(index.match(event, grants))).toEqual(
                numbers(left.filter((member) => isMatch(member, event, grants))),
              )
            }
          }
        }
      },
    ),
    { numRuns: 200 },
  )
})
