import { expect, onTestFinished, test } from 'vitest'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { feedSubscriptions } from './subscription-feed.ts'

/** A dialect in which `settings.group` stands for every type of the catalogue that begins with it. */
async function fed() {
  const { registry, directory } = await makeTestRegistry()
  onTestFinished(() => directory.stop())
  const read = new Map<number, readonly string[] | null>()
  const told: string[] = []
  const failures: unknown[] = []
  const write = (subscription: Subscription) =>
    registry.commit([{ kind: 'subscription', id: subscription.id, value: subscription }])
  const remove = (id: string) => registry.commit([{ kind: 'subscription', id, value: null }])
  const addType = (type: string) => registry.commit([{ kind: 'eventType', id: type, value: { type, definition: {} } }])
  const start = () =>
    feedSubscriptions({
      directory,
      readers: {
        apply(number, subscription) {
          read.set(number, subscription?.types ?? null)
          told.push(`${number} ${subscription?.types ?? 'gone'}`)
        },
      },
      meanings: {
        meantTypes: ({ settings }) =>
          typeof settings.group === 'string'
            ? [...directory.eventTypes.values()]
                .map(({ type }) => type)
                .filter((type) => type.startsWith(`${settings.group}`))
            : undefined,
      },
      subscriptions: {
        async update(_owner, id, next) {
          const updated = next(directory.subscriptions.get(id)!)
          await write(updated)
          return updated
        },
      },
      onFailure: (error) => failures.push(error),
    })
  return { directory, read, told, failures, write, remove, addType, start }
}

const plain = sampleSubscription('standard', { id: 'sub_1', number: 1, types: ['invoice.*'] })
const grouped = sampleSubscription('standard', { id: 'sub_2', number: 2, types: [], settings: { group: 'order.' } })

test('readers know what there is at the beginning, and every change after it', async () => {
  const { read, write, remove, start, failures } = await fed()
  await write(plain)
  start()
  expect([...read]).toEqual([[1, ['invoice.*']]])
  await write({ ...plain, types: ['*'] })
  expect(read.get(1)).toEqual(['*'])
  await remove('sub_1')
  expect(read.get(1)).toBeNull()
  expect(failures).toEqual([])
})

test('a type that comes into a group is read at once, and written to the record', async () => {
  const { directory, read, told, write, addType, start, failures } = await fed()
  await write(plain)
  await write(grouped)
  await addType('order.created')
  start()
  expect(read.get(2)).toEqual(['order.created'])
  await expect.poll(() => directory.subscriptions.get('sub_2')?.types).toEqual(['order.created'])

  told.length = 0
  await addType('order.updated')
  expect(told[0]).toBe('2 order.created,order.updated')
  await expect.poll(() => directory.subscriptions.get('sub_2')?.types).toEqual(['order.created', 'order.updated'])
  // A type of no group concerns nobody.
  told.length = 0
  await addType('invoice.created')
  expect([told, failures]).toEqual([[], []])
})

test('a record that is changed to mean more is read as it is meant', async () => {
  const { read, write, addType, start } = await fed()
  await addType('order.created')
  start()
  await write(grouped)
  expect(read.get(2)).toEqual(['order.created'])
})
