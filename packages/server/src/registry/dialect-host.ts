import type { Catalogue } from '../catalogue/catalogue.ts'
import type { EndpointPolicy } from '../core/address/endpoint-policy.ts'
import { checkEndpointUrl } from '../core/address/endpoint-url.ts'
import { owns } from '../core/credential/caller.ts'
import type { RateLimit } from '../core/limit/rate-limit.ts'
import type { Clock } from '../core/time/clock.ts'
import type { HistoryStore } from '../deliver/history/history-store.ts'
import type { DialectHost, TokenGrant } from '../dialects/contract/host.ts'
import type { Transport } from '../send/transport.ts'
import { withSecret } from './authenticate.ts'
import { dialectRecords } from './dialect-records.ts'
import type { LiveToken } from './grant-table.ts'
import { lastAttemptOf } from './last-attempt.ts'
import { authorityUnavailable, type Recognition } from './recogniser.ts'
import type { Registry } from './registry.ts'
import type { Sealer } from './sealer.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { WrongKeyLimit } from './wrong-key-limit.ts'

/** What the server lends to dialects' routes, over the registry. */
export function createDialectHost(parts: {
  readonly clock: Clock
  readonly catalogue: () => Catalogue
  readonly registry: Registry
  readonly recognise: (text: string, address: string) => Promise<Recognition>
  readonly subscriptions: Subscriptions
  readonly sealer: Sealer
  readonly policy: EndpointPolicy
  readonly transport: Transport
  readonly history: HistoryStore
  readonly flush: () => Promise<void>
  readonly wrongKeys: WrongKeyLimit
  readonly requests: RateLimit
  readonly random: (bytes: number) => Uint8Array
  readonly failed: DialectHost['failed']
  readonly onFailure: DialectHost['onFailure']
  readonly refuseBelow: DialectHost['refuseBelow']
  readonly settings: DialectHost['settings']
}): DialectHost {
  const { clock, registry, sealer, policy, transport } = parts
  const { directory } = registry
  const liveGrant = (live: LiveToken | undefined): TokenGrant | undefined => {
    if (!live) return undefined
    const { id: tokenId, integrationId, tenantId } = live.token
    return {
      tokenId,
      integrationId,
      tenantId,
      expiresAtMs: live.expiresAtMs,
      allows: (type) => live.types.allows(type),
      owner: { kind: 'integrator', integrationId, tenantId, token: { id: tokenId, types: live.token.types } },
    }
  }
  const grantOfText = (accessToken: string) =>
    liveGrant(
      registry
        .hashes(accessToken)
        .map((hash) => directory.liveTokenWithHash(hash, clock.now()))
        .find((found) => found !== undefined),
    )
  return {
    clock,
    catalogue: parts.catalogue,
    async grantOf(accessToken, address) {
      const known = grantOfText(accessToken)
      if (known) return known
      const recognition = await parts.recognise(accessToken, address)
      if (recognition === 'unavailable') throw authorityUnavailable()
      return recognition === 'known' ? grantOfText(accessToken) : undefined
    },
    grantWithId: (tokenId) => liveGrant(directory.liveTokenWithId(tokenId, clock.now())),
    integrationOf: (clientId, clientSecret) =>
      withSecret(directory.integrations.withKey(clientId), registry.hashes(clientSecret))?.id,
    isClientSecret: (integrationId, clientSecret) =>
      withSecret(directory.integrations.get(integrationId), registry.hashes(clientSecret)) !== undefined,
    wrongCredential(address) {
      const refusal = parts.wrongKeys.refusal(address, clock.now())
      if (refusal.code === 'rate_limited') throw refusal
    },
    wrongCredentialsPerMinute: parts.wrongKeys.perMinute,
    useRequest: (integrationId) => parts.requests.use(integrationId, clock.now()),
    tenant: (id) => directory.tenant(id),
    *subtree(tenantId) {
      yield tenantId
      yield* directory.descendants(tenantId)
    },
    isWithin: (tenantId, rootId) => directory.isWithin(tenantId, rootId),
    grantedTenants: (integrationId) => directory.grantedTenants(integrationId, clock.now()),
    subscriptions: parts.subscriptions,
    subscriptionsOf(owner, dialect) {
      const all =
        owner.kind === 'operator' ? directory.subscriptions.values() : directory.subscriptionsOf(owner.integrationId)
      return [...all]
        .filter((subscription) => subscription.dialect === dialect && owns(owner, subscription))
        .sort((a, b) => a.number - b.number)
    },
    records: dialectRecords(registry),
    subscriptionByNumber: (number) => directory.subscriptions.withKey(number),
    consent: (subscriptionId, key, terms) => parts.subscriptions.consent(subscriptionId, key, terms),
    nextNumber: () => registry.nextNumber(),
    newId: () => registry.newId('sub'),
    checkUrl: (raw, options) => checkEndpointUrl(raw, policy, options),
    secretRecord: (text, subscriptionId) => ({
      algorithm: 'hmac-sha256',
      sealed: sealer.seal(text, subscriptionId),
      publicKey: null,
      createdAt: registry.now(),
      expiresAt: null,
    }),
    seal: (text, subscriptionId) => sealer.seal(text, subscriptionId),
    unseal: (sealed, subscriptionId) => sealer.unseal(sealed, subscriptionId),
    random: parts.random,
    failed: parts.failed,
    onFailure: parts.onFailure,
    refuseBelow: parts.refuseBelow,
    send: (request) => transport.send({ ...request, wantsHeaders: true }, 'unknown'),
    async lastAttempt(subscription) {
      await parts.flush()
      return lastAttemptOf(parts.history, subscription.number)
    },
    settings: parts.settings,
  }
}
