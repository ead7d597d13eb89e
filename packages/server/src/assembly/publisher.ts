import { randomBytes } from 'node:crypto'
import { isOperational } from '../core/event/operational-event.ts'
import { idRandomBytes, newId } from '../core/ids/id.ts'
import { randomPool } from '../core/ids/random-pool.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import { Publisher } from '../publish/publisher.ts'
import type { Foundation } from './foundation.ts'

/** Publishing over the foundation. Operational events are Tidings' own: nobody may publish them. */
export function createPublisher(foundation: Foundation): Publisher {
  const { config, clock, log, directory, catalogue, metrics, unknownTenants, offsetOf } = foundation
  const randomOfIds = randomPool(randomBytes)
  return new Publisher({
    log,
    typeOf: (type) => (isOperational(type) ? undefined : catalogue().find(type)),
    nowText: () => formatRfc3339(clock.now()),
    newId: () => newId('evt', clock.now(), randomOfIds(idRandomBytes)),
    offsetOf: (topic, _partition, position) => offsetOf({ topic, position }),
    isTenantKnown: (tenantId) => directory.tenant(tenantId) !== undefined,
    isStrict: config.tenants === 'strict',
    onUnknownTenant: (tenantId) => unknownTenants.note(tenantId),
    observe: (outcome) => metrics.published(outcome),
  })
}
