import { expect, test } from 'vitest'
import { decodeDeliveryId } from '../core/delivery/delivery-id.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { type DeliveryInputDeps, DeliveryInputs } from './delivery-input.ts'
import { eventAt, pendingOf } from './fixtures/pending.ts'

const subscription = sampleSubscription('fakturownia', { number: 12 })
const published = { ...eventAt(7), tail: '"id":"evt-7","data":{"id":7,"total":1250.50}' }

function inputs(some: Partial<DeliveryInputDeps> = {}): DeliveryInputs {
  return new DeliveryInputs({
    epoch: 9,
    names: {
      nameOf: (type, dialect) => (type === 'invoice.updated' ? `${dialect}:update` : undefined),
      detailsOf: () => ({ table: 5 }),
    },
    families: { familyOf: (tenantId) => ({ parentTenantId: Number(tenantId) + 100, hasChildTenants: true }) },
    entities: { entityOf: () => null },
    dialects: { dialectOf: () => ({ carriesEntity: true }) },
    offsets: { offsetOf: ({ topic, position }) => `${topic}@${position}` },
    ...some,
  })
}

test('names the delivery, its event and its tenant as the dialect needs them', async () => {
  const input = await inputs().inputOf(subscription, pendingOf(published, { attempts: 2, sequence: 41 }))
  expect(input).toMatchObject({ name: 'fakturownia:update', offset: 'invoices@7', sequence: 41, attempt: 3 })
  expect(input).toMatchObject({ parentTenantId: 101, hasChildTenants: true, details: { table: 5 } })
  expect(decodeDeliveryId(input.deliveryId, 9)).toMatchObject({ subscription: 12, partition: 0, position: 7 })
})

test('a type that its dialect names no more keeps its own name', async () => {
  const event = eventAt(7, '1', 'thing.moved')
  expect(await inputs().inputOf(subscription, pendingOf(event))).toMatchObject({ name: 'thing.moved' })
})

test.each([
  ['as it is now', '{"id":7,"total":0}', '{"id":7,"total":0}'],
  ['as gone', null, null],
  ['of the event, where it is not to be had', undefined, '{"id":7,"total":1250.50}'],
])('the entity is sent %s', async (_how, answer, entity) => {
  const asked = inputs({ entities: { entityOf: async () => answer } })
  expect(await asked.inputOf(subscription, pendingOf(published))).toMatchObject({ entity })
})

test('nobody is asked for an entity that the dialect does not carry, nor for one made up for a test', async () => {
  const entities = {
    entityOf: () => {
      throw new Error('asked')
    },
  }
  const bare = inputs({ entities, dialects: { dialectOf: () => ({ carriesEntity: false }) } })
  expect(bare.inputOf(subscription, pendingOf(published))).toMatchObject({ entity: null })
  const test = pendingOf(published, { sequence: null })
  expect(inputs({ entities }).inputOf(subscription, test)).toMatchObject({ entity: '{"id":7,"total":1250.50}' })
})
