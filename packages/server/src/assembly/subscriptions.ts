import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Webhooks } from '../follow/webhooks.ts'
import { DraftContexts } from '../registry/draft-context.ts'
import { SigningSecrets } from '../registry/signing-secret.ts'
import { StartPlaces } from '../registry/start-place.ts'
import { feedSubscriptions, type TypeMeanings } from '../registry/subscription-feed.ts'
import { SubscriptionLookUp } from '../registry/subscription-look-up.ts'
import { Subscriptions } from '../registry/subscriptions.ts'
import { dialectByName, draftDialects } from './dialects.ts'
import type { Foundation } from './foundation.ts'
import { DialectReceivers } from './receivers.ts'

/** Subscriptions as every interface manages them. */
export function createSubscriptions(foundation: Foundation, webhooks: Webhooks): Subscriptions {
  const { config, clock, log, directory, registry, sealer, sender, catalogue, endpoints } = foundation
  return new Subscriptions({
    registry,
    sealer,
    endpoints,
    lookUp: new SubscriptionLookUp(directory),
    drafts: new DraftContexts({ directory, catalogue, clock, endpoints, dialects: draftDialects }),
    secrets: new SigningSecrets({ forms: dialectByName, sealer, clock, random: randomBytes }),
    receivers: new DialectReceivers(sender, {
      random: randomBytes,
      originName: config.originName || hostname(),
      publicUrl: config.publicUrl === '' ? null : config.publicUrl,
    }),
    starts: new StartPlaces(log, () => catalogue().topics()),
    readings: webhooks.readership,
    random: randomBytes,
  })
}

/** Lets webhooks know every subscription as it is from now on. */
export function feedWebhooks(
  { directory, catalogue, onFailure }: Foundation,
  readers: Webhooks,
  subscriptions: Subscriptions,
): void {
  const meanings: TypeMeanings = {
    meantTypes: (subscription) => dialectByName.get(subscription.dialect)?.meantTypes?.(subscription, catalogue()),
  }
  feedSubscriptions({ directory, readers, meanings, subscriptions, onFailure })
}
