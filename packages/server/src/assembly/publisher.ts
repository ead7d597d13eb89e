import { randomBytes } from 'node:crypto'
import { isOperational } from '../core/event/operational-event.ts'
import { idRandomBytes, newId } from '../core/ids/id.ts'
import { randomPool } from '../core/ids/random-pool.ts'
import { Publisher } from '../publish/publisher.ts'
import type { Foundation } from './foundation.ts'

/** Publishing over the foundation. Operational events are Tidings' own: nobody may publish them. */
export function createPublisher(foundation: Foundation): Publisher {
  const { config, clock, log, catalogue, metrics, unknownTenants } = foundation
  const randomOfIds = randomPool(randomBytes)
  return new Publisher({
    log,
    clock,
    types: { typeOf: (type) => (isOperational(type) ? undefined : catalogue().find(type)) },
    tenants: unknownTenants,
    offsets: foundation,
    newId: () => newId('evt', clock.now(), randomOfIds(idRandomBytes)),
    isStrict: config.tenants === 'strict',
    observe: (outcome) => metrics.published(outcome),
  })
}
