import type { Logger } from 'pino'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Config } from '../config/config.ts'
import type { EndpointPolicy } from '../core/address/endpoint-policy.ts'
import { type OffsetEncoder, offsetEncoder } from '../core/ids/offset.ts'
import type { Clock } from '../core/time/clock.ts'
import type { DueStore } from '../deliver/due-store.ts'
import type { HistoryStore } from '../deliver/history/history-store.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'
import type { EventLog } from '../log/event-log.ts'
import type { NeededEvents } from '../log/retention.ts'
import type { Grants } from '../match/grants.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { OperationalEvents } from '../observe/operational-events.ts'
import type { UnknownTenants } from '../publish/unknown-tenants.ts'
import type { Directory } from '../registry/directory.ts'
import type { ServerKeys } from '../registry/master-key.ts'
import type { Recogniser } from '../registry/recogniser.ts'
import type { Registry } from '../registry/registry.ts'
import type { Sealer } from '../registry/sealer.ts'
import type { createSender, Unsealer } from '../send/sender.ts'
import type { Transport } from '../send/transport.ts'

/** What the rest of the server stands on; `compose.ts` makes it of concrete engines. */
export interface Foundation {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly log: EventLog
  readonly settling: SettlingStore
  readonly due: DueStore
  readonly history: HistoryStore
  readonly needed: NeededEvents
  readonly directory: Directory
  readonly registry: Registry
  readonly grants: Grants
  readonly serverKeys: ServerKeys
  readonly recogniser: Pick<Recogniser, 'recognise'>
  readonly sealer: Sealer
  readonly unsealer: Unsealer
  /** As it is now: operators change it while the server runs. */
  readonly catalogue: () => Catalogue
  readonly policy: EndpointPolicy
  readonly transport: Transport
  readonly sender: ReturnType<typeof createSender>
  readonly metrics: Metrics
  readonly unknownTenants: UnknownTenants
  readonly operational: OperationalEvents
  readonly offsetOf: (place: { readonly topic: string; readonly position: number }) => string
  /** What the operator's file says to a dialect. */
  readonly operatorSettingsOf: (dialect: string) => Readonly<Record<string, unknown>>
  readonly onFailure: (error: unknown) => void
}

/** Offset tokens with the topic's part of the check made once. */
export function offsetsOf(epoch: number): Foundation['offsetOf'] {
  const encoders = new Map<string, OffsetEncoder>()
  return ({ topic, position }) => {
    let encoder = encoders.get(topic)
    if (!encoder) {
      encoder = offsetEncoder(epoch, topic)
      encoders.set(topic, encoder)
    }
    return encoder.encode(position)
  }
}
