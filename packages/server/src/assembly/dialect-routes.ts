import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { checkEndpointUrl } from '../core/address/endpoint-url.ts'
import type { RateLimit } from '../core/limit/rate-limit.ts'
import { LastAttempts } from '../deliver/history/last-attempts.ts'
import type { Answers } from '../dialects/contract/answers.ts'
import type { DialectHost } from '../dialects/contract/host.ts'
import { dialects } from '../dialects/dialects.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { Credentials } from '../registry/dialects/credentials.ts'
import { RequestLimits } from '../registry/dialects/limits.ts'
import { DialectRecords } from '../registry/dialects/records.ts'
import { Secrets } from '../registry/dialects/secrets.ts'
import { Tenants } from '../registry/dialects/tenants.ts'
import { SubscriptionLookUp } from '../registry/subscription-look-up.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import type { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import type { Foundation } from './foundation.ts'

/** The dialects' own routes, each over the ports that the server lends to it. */
export async function addDialectRoutes(
  app: FastifyInstance,
  { clock, catalogue, registry, recogniser, sealer, policy, history, operatorSettingsOf }: Foundation,
  parts: {
    readonly webhooks: Webhooks
    readonly subscriptions: Subscriptions
    readonly wrongKeys: WrongKeyLimit
    readonly requests: RateLimit
    readonly failed: Answers['failed']
  },
): Promise<void> {
  const { webhooks, subscriptions, wrongKeys, requests, failed } = parts
  const { directory } = registry
  const host: Omit<DialectHost, 'settings'> = {
    clock,
    random: randomBytes,
    catalogue,
    credentials: new Credentials(registry, recogniser, clock),
    limits: new RequestLimits(wrongKeys, requests, clock),
    tenants: new Tenants(directory, clock),
    subscriptions: new SubscriptionLookUp(directory),
    making: subscriptions,
    changing: subscriptions,
    consents: subscriptions,
    records: new DialectRecords(registry),
    secrets: new Secrets(sealer, clock),
    urls: { check: (raw, options) => checkEndpointUrl(raw, policy, options) },
    attempts: new LastAttempts(history, webhooks),
    answers: { failed, refuseBelow: (prefix, refuse) => app.refuseBelow(prefix, refuse) },
  }
  for (const { name, routes } of dialects) {
    if (!routes) continue
    await app.register(async (scope) => routes(scope, { ...host, settings: operatorSettingsOf(name) }))
  }
}
