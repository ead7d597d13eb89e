import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { RateLimit } from '../core/limit/rate-limit.ts'
import { LastAttempts } from '../deliver/history/last-attempts.ts'
import type { DialectHost } from '../dialects/contract/host.ts'
import { dialects } from '../dialects/dialects.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import type { RequestLog } from '../http/request-log.ts'
import { Credentials } from '../registry/dialects/credentials.ts'
import { RequestLimits } from '../registry/dialects/limits.ts'
import { DialectRecords } from '../registry/dialects/records.ts'
import { Secrets } from '../registry/dialects/secrets.ts'
import { Tenants } from '../registry/dialects/tenants.ts'
import { SubscriptionLookUp } from '../registry/subscription-look-up.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import type { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import { operatorSettingsOf } from './dialects.ts'
import type { Foundation } from './foundation.ts'

/** The dialects' own routes, each over the ports that the server lends to it. */
export async function addDialectRoutes(
  app: FastifyInstance,
  { clock, catalogue, registry, recogniser, sealer, endpoints, history, config }: Foundation,
  parts: {
    readonly webhooks: Webhooks
    readonly subscriptions: Subscriptions
    readonly wrongKeys: WrongKeyLimit
    readonly requests: RateLimit
    readonly requestLog: RequestLog
  },
): Promise<void> {
  const { webhooks, subscriptions, wrongKeys, requests, requestLog } = parts
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
    urls: endpoints,
    attempts: new LastAttempts(history, webhooks),
    answers: {
      refuseBelow: (prefix, refuse) => app.refuseBelow(prefix, refuse),
      failed: (error, requestId) => requestLog.failed(error, requestId),
    },
  }
  for (const { name, routes } of dialects) {
    if (!routes) continue
    await app.register(async (scope) => routes(scope, { ...host, settings: operatorSettingsOf(config, name) }))
  }
}
