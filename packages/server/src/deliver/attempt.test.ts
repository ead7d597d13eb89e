import { expect, test } from 'vitest'
import type { DeliveryInput } from '../core/dialect/dialect.ts'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import { sampleDelivery, sampleSubscription } from '../dialects/samples.ts'
import { answered } from '../follow/fixtures/webhooks.ts'
import { type AttemptDeps, attempt } from './attempt.ts'
import { eventAt, pendingOf } from './fixtures/pending.ts'
import { Lane } from './queue/lane.ts'
import type { Turn } from './turns/turns.ts'

const deliveries = [1, 2].map((position) => pendingOf(eventAt(position)))

function open(some: Partial<AttemptDeps> = {}) {
  const lane = new Lane(sampleSubscription('standard'), defaultWebhookPolicy)
  const turn: Turn<Lane> = { contender: lane, standing: 'unknown', integrationId: 'int_1' }
  const requests: number[][] = []
  const failures: unknown[] = []
  const deps: AttemptDeps = {
    clock: { now: () => 5_000 },
    sender: {
      send: async (_subscription, due) => {
        const inputs = due()
        if (!inputs) return undefined
        requests.push(inputs.map(({ event }) => event.position))
        return answered(200)
      },
    },
    permission: { maySend: () => true },
    contents: { inputOf: (_subscription, { event }) => sampleDelivery(event) },
    onFailure: (error) => failures.push(error),
    ...some,
  }
  return { lane, requests, failures, run: () => attempt(deps, turn, deliveries) }
}

test('sends all deliveries as one request', async () => {
  const { requests, run } = open()
  expect(await run()).toMatchObject({ sent: deliveries, withdrawn: [], result: { status: 200 }, startedMs: 5_000 })
  expect(requests).toEqual([[1, 2]])
})

test('those that must not be sent stay behind, and are named', async () => {
  const { requests, run } = open({ permission: { maySend: (_to, { position }) => position !== 1 } })
  expect(await run()).toMatchObject({ sent: [deliveries[1]], withdrawn: [deliveries[0]] })
  expect(requests).toEqual([[2]])
})

test('what loses its right while the entity of another is fetched is not sent', async () => {
  const entity = Promise.withResolvers<DeliveryInput>()
  const lost = new Set<number>()
  const { requests, run } = open({
    permission: { maySend: (_to, { position }) => !lost.has(position) },
    contents: {
      inputOf: (_subscription, { event }) => (event.position === 2 ? entity.promise : sampleDelivery(event)),
    },
  })
  const attempted = run()
  lost.add(1)
  entity.resolve(sampleDelivery(eventAt(2)))
  expect(await attempted).toMatchObject({ sent: [deliveries[1]], withdrawn: [deliveries[0]] })
  expect(requests).toEqual([[2]])
})

test('nothing is sent when nothing may be, or when the subscription is gone by then', async () => {
  const none = open({ permission: { maySend: () => false } })
  expect(await none.run()).toMatchObject({ sent: [], withdrawn: deliveries, result: null })
  const gone = open()
  gone.lane.close()
  expect(await gone.run()).toMatchObject({ sent: [], withdrawn: [], result: null })
  expect([...none.requests, ...gone.requests]).toEqual([])
})

test('a bug in an encoder ends the attempt, not the process', async () => {
  const bug = new TypeError('x is not a function')
  const { failures, run } = open({
    sender: {
      send: async () => {
        throw bug
      },
    },
  })
  expect(await run()).toMatchObject({ sent: deliveries, result: { status: null, error: 'internal_error' } })
  expect(failures).toEqual([bug])
})
