import { networkInterfaces } from 'node:os'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { EndpointPolicy, OwnListener } from '../core/address/endpoint-policy.ts'
import type { Clock } from '../core/time/clock.ts'
import { EntitySources } from '../deliver/entity-source.ts'
import type { Directory } from '../registry/directory.ts'
import type { Sealer } from '../registry/sealer.ts'
import { createUnsealer } from '../registry/unsealer.ts'
import { createEntityFetch } from '../send/entity-fetch.ts'
import { createTokenSource } from '../send/oauth-token.ts'
import { type BareSender, createSender, type Sender } from '../send/sender.ts'
import { ThreadedTransport } from '../send/threads/threaded-transport.ts'
import { operatorSettingsOf, webhookDialectOf } from './dialects.ts'

/** What leaves the server: requests to endpoints, and what they are made of. */
export interface SendingRoom {
  readonly policy: EndpointPolicy
  readonly transport: ThreadedTransport
  readonly sender: Sender & BareSender
  readonly entitySources: EntitySources
  /** Where this server listens: no request goes there. */
  listensOn(listener: OwnListener): void
  /** Begins to load what sends with the first subscription that there is from now on. */
  startWith(directory: Directory, onFailure: (error: unknown) => void): void
}

export function openSending(
  given: {
    readonly config: Config
    readonly clock: Clock
    /** By which requests are signed. */
    readonly signingClock: Pick<Clock, 'now'>
    readonly logger: Logger
    readonly sealer: Sealer
  },
  opened: AsyncDisposableStack,
): SendingRoom {
  const { config, clock, signingClock, logger, sealer } = given
  const unsealer = createUnsealer(sealer)
  const ownListeners: OwnListener[] = []
  const policy: EndpointPolicy = {
    allowHttp: config.allowHttp,
    allowNetworks: config.allowNetworks,
    allowPorts: config.allowPorts,
    ownListeners,
    hostAddresses: Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
    ownNames: [],
  }
  const transport = new ThreadedTransport(policy, config.sendThreads)
  opened.defer(() => transport.close())
  const sender = createSender({
    transport,
    unsealer,
    tokens: createTokenSource({ transport, clock, clientSecretOf: unsealer.clientSecretOf, tlsOf: unsealer.tls }),
    dialectOf: webhookDialectOf,
    operatorSettingsOf: (dialect) => operatorSettingsOf(config, dialect),
    signedAtMs: () => signingClock.now(),
  })
  const entitySources = new EntitySources({
    sources: config.entitySources,
    fetch: createEntityFetch(),
    clock,
    observe: (entity, answer) => {
      if (answer.kind === 'unavailable') logger.warn({ entity, reason: answer.reason }, 'entity source')
    },
  })
  opened.defer(() => entitySources.close())
  return {
    ...{ policy, transport, sender, entitySources },
    listensOn(listener) {
      ownListeners.push(listener)
      transport.listensOn(listener)
    },
    startWith(directory, onFailure) {
      directory.onChanged((changes) => {
        if (changes.some(({ kind, value }) => kind === 'subscription' && value !== null))
          transport.start().catch(onFailure)
      })
    },
  }
}
