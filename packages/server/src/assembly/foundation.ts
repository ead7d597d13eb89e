import type { Logger } from 'pino'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Config } from '../config/config.ts'
import { offsetTokens } from '../core/ids/offset-tokens.ts'
import type { Clock } from '../core/time/clock.ts'
import type { DueStore } from '../deliver/due-store.ts'
import type { HistoryStore } from '../deliver/history/history-store.ts'
import type { SeriesStore } from '../deliver/history/series-store.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'
import type { EventLog } from '../log/event-log.ts'
import type { NeededEvents } from '../log/retention.ts'
import type { Grants } from '../match/grants.ts'
import type { Metrics } from '../observe/metrics.ts'
import { OperationalEvents } from '../observe/operational-events.ts'
import { UnknownTenants } from '../publish/unknown-tenants.ts'
import { followCatalogue } from '../registry/current-catalogue.ts'
import type { Directory } from '../registry/directory.ts'
import { EndpointRules } from '../registry/endpoint-rules.ts'
import { GrantStanding } from '../registry/grant-standing.ts'
import { grantsOf } from '../registry/grants.ts'
import type { ServerKeys } from '../registry/master-key.ts'
import type { Recogniser } from '../registry/recogniser.ts'
import type { Registry } from '../registry/registry.ts'
import type { Sealer } from '../registry/sealer.ts'
import type { BareSender, Sender } from '../send/sender.ts'
import { isUsableTlsMaterial } from '../send/tls-contexts.ts'
import type { RegistryRoom } from './registry.ts'
import type { SendingRoom } from './sending.ts'

/** What the rooms of the server stand on. */
export interface Foundation {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly log: EventLog
  readonly settling: SettlingStore
  readonly due: DueStore
  readonly history: HistoryStore
  readonly series: SeriesStore
  readonly needed: NeededEvents
  readonly directory: Directory
  readonly registry: Registry
  readonly grants: Grants
  readonly standing: GrantStanding
  readonly serverKeys: ServerKeys
  readonly recogniser: Pick<Recogniser, 'recognise'>
  readonly sealer: Sealer
  /** As it is now: operators change it while the server runs. */
  readonly catalogue: () => Catalogue
  readonly endpoints: EndpointRules
  readonly sender: Sender & BareSender
  readonly metrics: Metrics
  readonly unknownTenants: UnknownTenants
  readonly operational: OperationalEvents
  readonly offsetOf: (place: { readonly topic: string; readonly position: number }) => string
  readonly onFailure: (error: unknown) => void
}

/** Makes it of the rooms that were opened before. */
export function createFoundation(
  given: Pick<
    Foundation,
    'config' | 'clock' | 'logger' | 'log' | 'metrics' | 'serverKeys' | 'onFailure' | keyof RegistryRoom
  > & {
    readonly delivery: SettlingStore & DueStore & HistoryStore & SeriesStore & NeededEvents
    readonly sending: SendingRoom
  },
  opened: AsyncDisposableStack,
): Foundation {
  const { delivery, sending, ...rest } = given
  const { config, log, clock, directory, onFailure } = rest
  const catalogue = followCatalogue(config.eventTypes, directory)
  const grants = grantsOf(directory, clock)
  const operational = new OperationalEvents({ log, clock, mail: config.smtp, onFailure })
  opened.defer(() => operational.close())
  return {
    ...rest,
    ...{ settling: delivery, due: delivery, history: delivery, series: delivery, needed: delivery },
    ...{ catalogue, grants, operational },
    standing: new GrantStanding({ directory, grants, catalogue, clock }),
    endpoints: new EndpointRules(sending.policy, { isUsableTls: isUsableTlsMaterial }),
    sender: sending.sender,
    unknownTenants: new UnknownTenants(
      (tenantId) => directory.tenant(tenantId) !== undefined,
      () => clock.now(),
    ),
    offsetOf: offsetTokens(log.epoch),
  }
}
