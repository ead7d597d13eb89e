import { cloudevents } from './dialects/cloudevents.ts'
import { fakturownia } from './dialects/fakturownia.ts'
import { moneybird } from './dialects/moneybird.ts'
import { standard } from './dialects/standard.ts'
import { tripletex } from './dialects/tripletex.ts'
import { vismaBusinessNxt } from './dialects/visma-business-nxt.ts'
import type { WebhookContract } from './webhook-contract.ts'
import type { WebhookDialect, WebhookEvents } from './webhook-events.ts'

export const webhookContracts: { readonly [D in WebhookDialect]: WebhookContract<WebhookEvents[D]> } = {
  standard,
  cloudevents,
  tripletex,
  'visma-business-nxt': vismaBusinessNxt,
  moneybird,
  fakturownia,
}
