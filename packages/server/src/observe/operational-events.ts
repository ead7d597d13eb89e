import type { Transporter } from 'nodemailer'
import {
  type OperationalFacts,
  type OperationalType,
  operationalEvent,
  subscriptionFacts,
} from '../core/event/operational-event.ts'
import type { AccessToken, Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { EventLog } from '../log/event-log.ts'

/** Where mail goes when something needs a person; from the `smtp` section of the file. */
export interface MailSettings {
  /** `smtp://user:password@host:587` or `smtps://…` */
  readonly url: string
  readonly from: string
  readonly to: readonly string[]
}

export interface OperationalEventsDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly mail: MailSettings | null
  readonly onFailure: (error: unknown) => void
}

/** Operational events that are mailed to a person at once; the others are for systems. */
export const mailedTypes: ReadonlySet<OperationalType> = new Set([
  'subscription.failing',
  'subscription.disabled',
  'subscription.lagging',
  'subscription.ungranted',
  'access-token.expiring',
])

/** Tells operators and integrators what happens to their subscriptions: as events of a topic of their own, and by mail. */
export class OperationalEvents {
  readonly #deps: OperationalEventsDeps
  #mailer: Transporter | undefined

  constructor(deps: OperationalEventsDeps) {
    this.#deps = deps
  }

  subscription(
    type: Exclude<OperationalType, 'access-token.expiring'>,
    subscription: Subscription,
    data: OperationalFacts['data'] = {},
    once?: string,
  ): void {
    const nowMs = this.#deps.clock.now()
    this.#tell({
      type,
      ...subscriptionFacts(subscription),
      data: { url: subscription.endpoint.url.split('?')[0] ?? null, ...data },
      id: `${type}:${subscription.id}:${once ?? nowMs}`,
      nowMs,
    })
  }

  /** Told once a day of each subscription. @param behind events of the log that it has not had */
  lagging(subscription: Subscription, behind: number): void {
    const today = formatRfc3339(this.#deps.clock.now()).slice(0, 10)
    this.subscription('subscription.lagging', subscription, { behind }, today)
  }

  tokenExpiring(token: AccessToken): void {
    this.#tell({
      type: 'access-token.expiring',
      integrationId: token.integrationId,
      tenantId: token.tenantId,
      entityId: token.id,
      data: { tokenTenantId: token.tenantId, expiresAt: token.expiresAt },
      id: `access-token.expiring:${token.id}`,
      nowMs: this.#deps.clock.now(),
    })
  }

  close(): void {
    this.#mailer?.close()
  }

  #tell(facts: OperationalFacts): void {
    const { log, onFailure } = this.#deps
    log
      .append([operationalEvent(facts)])
      .then((result) => {
        const isNew = result.kind === 'appended' && !result.events[0]?.isDuplicate
        return isNew ? this.#mail(facts) : undefined
      })
      .catch(onFailure)
  }

  async #mail(facts: OperationalFacts): Promise<void> {
    const { mail } = this.#deps
    if (!mail || !mailedTypes.has(facts.type)) return
    // Most servers send no mail, and the library takes 6 MB.
    const { createTransport } = await import('nodemailer')
    this.#mailer ??= createTransport(mail.url)
    const lines = Object.entries({ integrationId: facts.integrationId, ...facts.data })
    await this.#mailer.sendMail({
      from: mail.from,
      to: [...mail.to],
      subject: `Tidings: ${facts.type} ${facts.entityId}`,
      text: lines.map(([name, value]) => `${name}: ${value ?? '-'}`).join('\n'),
    })
  }
}
