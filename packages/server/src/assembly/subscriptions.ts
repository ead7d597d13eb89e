import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { checkEndpointUrl, endpointRefused } from '../core/address/endpoint-url.ts'
import { AppError } from '../core/errors.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { draftContext } from '../registry/draft-context.ts'
import { makeSigningSecret } from '../registry/signing-secret.ts'
import { startPlace } from '../registry/start-place.ts'
import { Subscriptions } from '../registry/subscriptions.ts'
import { isUsableTlsMaterial } from '../send/tls-contexts.ts'
import type { BareRequest } from '../send/transport.ts'
import { dialectByName, draftDialects } from './dialects.ts'
import type { Foundation } from './foundation.ts'

/** Subscriptions as every interface manages them. */
export function createSubscriptions(foundation: Foundation, webhooks: Webhooks): Subscriptions {
  const { config, clock, log, directory, registry, sealer, sender, catalogue, policy } = foundation
  return new Subscriptions({
    find: (id) => {
      const subscription = directory.subscriptions.get(id)
      return subscription && { subscription, revision: directory.revisionOf('subscription', id) }
    },
    commit: (writes) => registry.commit(writes),
    nextNumber: () => registry.nextNumber(),
    newId: () => registry.newId('sub'),
    nowMs: () => clock.now(),
    seal: (text, context) => sealer.seal(text, context),
    draftContext: (integrationId, tenantId) =>
      draftContext({
        integrationId,
        tenantId,
        catalogue: catalogue(),
        directory,
        policy,
        nowMs: clock.now(),
        dialects: draftDialects,
        isUsableTls: isUsableTlsMaterial,
      }),
    isIntegration: (id) => directory.integrations.get(id) !== undefined,
    urlOf: (raw) => {
      const checked = checkEndpointUrl(raw, policy)
      if (!checked.ok) throw new AppError('invalid_request', endpointRefused)
      return checked.url
    },
    makeSecret: (dialect, { algorithm, imported }, id, nowText) =>
      makeSigningSecret({
        form: dialectByName.get(dialect)?.secret ?? 'none',
        algorithm,
        imported,
        nowText,
        random: randomBytes,
        seal: (text) => sealer.seal(text, id),
      }),
    random: randomBytes,
    register: async (subscription, before, offerConsent) => {
      const register = dialectByName.get(subscription.dialect)?.register
      if (!register) return { kind: 'unchanged' }
      const ask = (request: BareRequest) => sender.ask(subscription, request)
      return register(subscription, before, {
        ask,
        random: randomBytes,
        originName: config.originName || hostname(),
        publicUrl: config.publicUrl === '' ? null : config.publicUrl,
        offerConsent,
      })
    },
    startOf: (start, pointer) => startPlace(start, pointer, log, catalogue().topics()),
    settledTo: (number) => webhooks.readership.settledTo(number),
    place: (number, { mode, position, topicFloors }, { reason, skips }) =>
      webhooks.readership.place(number, { mode, position, reason, skips, isPartial: topicFloors !== null }),
    pauseCatchUp: (number) => webhooks.readership.pauseCatchUp(number),
    resumeCatchUp: (number) => webhooks.readership.resumeCatchUp(number),
    cancelCatchUp: (number) => webhooks.readership.cancelCatchUp(number),
  })
}
