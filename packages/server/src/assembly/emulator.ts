import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { MovableClock } from '../core/time/movable-clock.ts'
import type { SampleGrants } from '../dialects/contract/sample.ts'
import { Firing } from '../emulate/firing.ts'
import { forward } from '../emulate/forward.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { emulatorRoutes } from '../http/routes/emulator.ts'
import type { Publisher } from '../publish/publisher.ts'
import { Tenants } from '../registry/dialects/tenants.ts'
import { dialectByName } from './dialects.ts'
import type { Foundation } from './foundation.ts'

export interface Emulation {
  /** The dialect whose events the emulator raises. */
  readonly dialect: string
  readonly clock: MovableClock
}

/** The systems that Tidings can stand in for. */
export const emulatedDialects = {
  /** With what an integrator's code is configured, in the dialect's own words; null: the native words are its own. */
  accessOf: async (dialect: string, grants: SampleGrants): Promise<object | null> =>
    (await dialectByName.get(dialect)?.sampleAccess?.(grants)) ?? null,
}

export function addEmulator(
  app: FastifyInstance,
  parts: {
    readonly foundation: Foundation
    readonly webhooks: Webhooks
    readonly publisher: Publisher
    readonly emulation: Emulation
  },
): void {
  const { webhooks, publisher, emulation } = parts
  const { catalogue, directory } = parts.foundation
  const { clock } = emulation
  const tenants = new Tenants(directory, clock)
  const dialect = dialectByName.get(emulation.dialect)
  if (!dialect) throw new Error(`there is no dialect ${emulation.dialect}`)
  emulatorRoutes(app, {
    events: new Firing({
      ...{ dialect, catalogue, publisher, clock },
      host: () => hostOf(app.server.address() as AddressInfo),
    }),
    time: {
      now: () => clock.now(),
      forward: (byMs) => forward(byMs, { clock, deliveries: webhooks }),
    },
    defaultTenantId: () => tenants.firstGranted(),
  })
}

function hostOf({ address, family, port }: AddressInfo): string {
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
