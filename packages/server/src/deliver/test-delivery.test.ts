import { expect, test } from 'vitest'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import { sampleDelivery, sampleSubscription } from '../dialects/samples.ts'
import { answered } from '../follow/fixtures/webhooks.ts'
import { eventAt } from './fixtures/pending.ts'
import { sendTest } from './test-delivery.ts'

test.each([
  [200, null],
  [410, 'gone'],
  [500, 'http_500'],
])('an answer of %i is judged as an attempt is', async (status, error) => {
  const sequences: (number | null)[] = []
  const deps = {
    clock: { now: () => 0 },
    sender: {
      send: async (_subscription: unknown, due: () => unknown) => (due() ? answered(status) : undefined),
    },
    contents: {
      inputOf: (_subscription: unknown, delivery: { sequence: number | null }) => {
        sequences.push(delivery.sequence)
        return sampleDelivery(eventAt(1))
      },
    },
  }
  const result = await sendTest(deps, sampleSubscription('standard'), defaultWebhookPolicy, eventAt(1))
  expect(result).toMatchObject({ status, error })
  // It counts for nothing.
  expect(sequences).toEqual([null])
})
