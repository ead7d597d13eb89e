import { expect, test } from 'vitest'
import { everyType } from '../core/event/visible-types.ts'
import { ManualClock } from '../core/time/clock.ts'
import { fingerprints, newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import type { Viewer } from '../match/visibility.ts'
import { EventLookUp } from './event-look-up.ts'

const integration = (integrationId: string): Viewer => ({ sees: 'granted', integrationId })

async function filled() {
  const log = new MemoryLog({ clock: new ManualClock() })
  await log.append([newEvent({ id: 'inv-1', tenantId: 1, fingerprint: fingerprints[0] })])
  const grants = { direct: () => everyType, ofToken: () => undefined }
  return new EventLookUp({ log, grants, tenantsOf: () => [1] })
}

test('look-ups wait in a queue with an end, and one asker does not keep the others waiting', async () => {
  const lookUp = await filled()
  const asked = Array.from({ length: 300 }, () => lookUp.find('inv-1', integration('int_a')))
  const other = await lookUp.find('inv-1', integration('int_b'))
  expect(other).toMatchObject({ kind: 'event' })
  const answers = await Promise.allSettled(asked)
  const found = answers.filter(({ status }) => status === 'fulfilled')
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  expect(found.length).toBeGreaterThanOrEqual(100)
  expect(refused.length).toBeGreaterThan(0)
  for (const reason of refused) expect(reason).toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 })
  expect(await lookUp.find('inv-1', integration('int_a'))).toMatchObject({ kind: 'event' })
})
