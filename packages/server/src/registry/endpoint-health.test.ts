import { expect, test } from 'vitest'
import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { EndpointHealth } from './endpoint-health.ts'

const sinceMs = Date.parse('2026-01-01T00:00:00Z')
const since = '2026-01-01T00:00:00.000Z'

function startWorld(rest: Partial<Subscription> = {}) {
  let stored = sampleSubscription('standard', rest)
  const heard = stored
  const told: unknown[][] = []
  const lines: string[] = []
  const failures: unknown[] = []
  let refusal: unknown = null
  const refuse = () => (refusal === null ? Promise.resolve() : Promise.reject(refusal))
  const health = new EndpointHealth({
    logger: { info: (_facts, message) => lines.push(message), warn: (_facts, message) => lines.push(message) },
    subscriptions: {
      async update(_owner, _id, next) {
        await refuse()
        stored = next(stored)
        return stored
      },
      async disable(_owner, _id, reason) {
        await refuse()
        stored = { ...stored, status: 'disabled', disabledReason: reason ?? null }
        return stored
      },
    },
    operational: { subscription: (type, { id }, facts, at) => told.push([type, id, facts, at]) },
    onFailure: (error) => failures.push(error),
  })
  return {
    ...{ health, heard, told, lines, failures },
    stored: () => stored,
    refuseWith: (error: unknown) => {
      refusal = error
    },
  }
}
const settled = () => new Promise(setImmediate)

test('an endpoint that begins to fail is noted with since when, and told', async () => {
  const { health, heard, told, stored } = startWorld()
  health.heard(heard, { kind: 'failing', sinceMs })
  await settled()
  expect(stored().failingSince).toBe(since)
  expect(told).toEqual([['subscription.failing', 'sub_1', { failingSince: since }, since]])
})

test('one that recovers is told with since when it had failed, and fails no more', async () => {
  const { health, heard, told, stored } = startWorld({ failingSince: since })
  health.heard(heard, { kind: 'recovered' })
  await settled()
  expect(stored().failingSince).toBeNull()
  expect(told).toEqual([['subscription.recovered', 'sub_1', { failingSince: since }, undefined]])
})

test('a pause that an endpoint asked for is noted for its URL, and told to nobody', async () => {
  const { health, heard, told, lines, stored } = startWorld()
  health.heard(heard, { kind: 'held', untilMs: sinceMs })
  await settled()
  expect(stored().hold).toEqual({ url: 'https://example.com/hook', until: since })
  expect([told, lines]).toEqual([[], ['an endpoint asked to be left alone']])
})

test('one that failed too long is disabled, and told', async () => {
  const { health, heard, told, lines, stored } = startWorld()
  health.heard(heard, { kind: 'failed too long' })
  await settled()
  expect(stored()).toMatchObject({ status: 'disabled', disabledReason: 'failing' })
  expect(told).toEqual([['subscription.disabled', 'sub_1', { reason: 'failing' }, undefined]])
  expect(lines).toEqual(['a subscription was disabled'])
})

test('a subscription that is gone meanwhile is no failure; a store that refuses is', async () => {
  const { health, heard, failures, refuseWith } = startWorld()
  refuseWith(new AppError('not_found', 'gone'))
  health.heard(heard, { kind: 'recovered' })
  await settled()
  expect(failures).toEqual([])
  const full = new AppError('storage_unavailable', 'the disk is full')
  refuseWith(full)
  health.heard(heard, { kind: 'recovered' })
  health.disable(heard, 'gone')
  await settled()
  expect(failures).toEqual([full, full])
})
