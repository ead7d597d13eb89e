import type { Config } from '../config/config.ts'
import type { WebhookDialect } from '../core/dialect/dialect.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Dialect } from '../dialects/contract/dialect.ts'
import { dialects } from '../dialects/dialects.ts'

export const dialectByName: ReadonlyMap<string, Dialect> = new Map(dialects.map((dialect) => [dialect.name, dialect]))

/** The dialects that subscriptions can have, as drafts are checked against them. */
export const draftDialects = new Map(
  dialects.flatMap(({ name, webhook, secret, checkSettings }) =>
    webhook ? [[name, { allowsBatch: webhook.allowsBatch, secret, checkSettings }] as const] : [],
  ),
)

/** What the operator's file says to a dialect. */
export function operatorSettingsOf({ dialects }: Config, dialect: string): Readonly<Record<string, unknown>> {
  return dialects.get(dialect) ?? noSettings
}

const noSettings = {}

export function webhookDialectOf(subscription: Subscription): WebhookDialect {
  const webhook = dialectByName.get(subscription.dialect)?.webhook
  if (!webhook) throw new Error(`subscription ${subscription.id} has the unknown dialect ${subscription.dialect}`)
  return webhook
}
