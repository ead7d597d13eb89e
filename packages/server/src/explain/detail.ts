import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import type { SkipReason } from '../core/delivery/skipped-span.ts'
import { isOperational } from '../core/event/operational-event.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import { heldDueMs } from '../deliver/entities/entity-ledger.ts'
import { causeOf } from './attempt-cause.ts'
import type { Facts, GrantFacts } from './facts.ts'
import type { Reason } from './reason.ts'

/** What the reason does not say yet, in whole sentences. */
export function detailOf(reason: Reason, facts: Facts): string {
  const { subscription, event } = facts
  switch (reason) {
    case 'delivered':
      return delivered(facts)
    case 'waiting':
      return waiting(facts)
    case 'failed':
      return `${attempts(facts)} No further attempt follows.`
    case 'superseded':
      return 'A newer event of the same entity took its place, because the subscription asks for the latest alone.'
    case 'not_granted':
      return notGranted(facts)
    case 'type_not_subscribed':
      return `The subscription asks for ${subscription.types.join(', ')}; the event is ${event.type}.${
        isOperational(event.type) ? ' What Tidings tells of itself has to be asked for by name.' : ''
      }`
    case 'not_in_dialect':
      return `The dialect ${subscription.dialect} has no name for ${event.type}, so it cannot carry the event. Use a subscription in another dialect, or give the type a name in this one (tidings event-types put).`
    case 'filtered':
      return `The event does not meet the subscription's filter: ${facts.unmet.join('; ')}.`
    case 'quiet':
      return 'The event was published with "quiet": true, so it raises no webhooks. It can be read in the feed and the streams.'
    case 'before_start':
      return beforeStart(facts)
    case 'disabled': {
      const why = subscription.disabledReason ?? 'by_request'
      return `The subscription was disabled at ${subscription.disabledAt ?? 'an unknown time'} (${why}), and nothing is sent until it is enabled again.`
    }
    case 'skipped':
      return skipped(facts)
    case 'expired':
      return expiredDetail
    default:
      return reason satisfies never
  }
}

export const expiredDetail =
  'Retention has removed the event from the log before it was sent, so it cannot be sent any more. Publish it again if it is still needed.'

function delivered({ delivery }: Facts): string {
  const last = delivery?.lastAttempt
  if (!last) return 'The endpoint accepted it.'
  return `The endpoint accepted attempt ${last.attempt} at ${formatRfc3339(last.atMs)} with HTTP status ${last.status}.`
}

function waiting(facts: Facts): string {
  const { delivery, standing, event } = facts
  const { reading, isPending } = standing
  const pause = pauseOf(facts)
  if (delivery) return `${attempts(facts)} ${nextAttempt(delivery.nextAttemptAtMs)}${pause}`
  if (isPending) return `It is in the queue for its first attempt.${pause}`
  const behind = event.position - (reading?.readTo ?? 0)
  const pausedAtMs = reading?.catchUp?.pausedAtMs ?? null
  if (pausedAtMs !== null) {
    return `The subscription's reading was paused at ${formatRfc3339(pausedAtMs)}, and the event comes after that place.`
  }
  return `The subscription has not read as far yet: the event is ${behind} ${behind === 1 ? 'place' : 'places'} of the log ahead. It follows by itself.`
}

function pauseOf({ standing: { pausedUntilMs, isPauseAskedFor } }: Facts): string {
  if (pausedUntilMs === null) return ''
  const why = isPauseAskedFor ? 'asked for a pause with Retry-After' : 'has failed again and again'
  const sooner = isPauseAskedFor ? ' Disabling and enabling the subscription ends the pause sooner.' : ''
  return ` The endpoint ${why}, so nothing is sent to it until ${formatRfc3339(pausedUntilMs)}.${sooner}`
}

function nextAttempt(atMs: number | null): string {
  return atMs === null || atMs === heldDueMs
    ? 'It waits for an older event of its entity, which has to be delivered first.'
    : `The next attempt is at ${formatRfc3339(atMs)}.`
}

function attempts({ delivery }: Facts): string {
  const last = delivery?.lastAttempt
  if (!last) return 'It was not attempted yet.'
  return `Attempt ${last.attempt} at ${formatRfc3339(last.atMs)} ended in ${outcome(last)}.`
}

function outcome({ error, status, body }: AttemptRecord): string {
  const answer = body ? ` (the endpoint answered: ${JSON.stringify(body.slice(0, 200))})` : ''
  const cause = error === null ? null : causeOf(error)
  return `${error ?? `HTTP status ${status}`}${answer}${cause === null ? '' : `: ${cause}`}`
}

function notGranted(facts: Facts): string {
  const { subscription, event, grantRefusal, grants } = facts
  const whose = `integration ${subscription.integrationId}`
  if (grantRefusal === 'other_tenant') {
    return isOperational(event.type)
      ? 'The event tells of another integration, or of another tenant than the one that the subscription was made for.'
      : `The subscription is not for tenant ${event.tenantId}: ${tenantsOf(facts)}.`
  }
  if (grantRefusal === 'beyond_its_token') {
    const types = subscription.visibleTypes?.join(', ') ?? 'other types'
    return `An access token made the subscription, and the token shows only ${types}. Make a subscription with a token that shows ${event.type}.`
  }
  if (grantRefusal === null) {
    return `No grant stood when the event was published. Tenant ${event.tenantId} grants ${whose} this since ${grants.since}. ${endOf(grants)}`.trim()
  }
  const missing =
    grantRefusal === 'type_not_granted'
      ? `No access token of tenant ${event.tenantId} shows ${whose} the type ${event.type}.`
      : `Tenant ${event.tenantId} grants ${whose} nothing now.`
  const unknown = !grants.isTenantKnown ? ' There is no tenant with this id.' : ''
  return `${missing}${unknown} ${endOf(grants)}`.trim()
}

function tenantsOf({ subscription: { boundTenantId, tenants } }: Facts): string {
  const bound = boundTenantId === null ? '' : `an access token of tenant ${boundTenantId} made it`
  const chosen =
    tenants.kind === 'list'
      ? `its tenants are ${tenants.tenantIds.slice(0, 20).join(', ')}${tenants.tenantIds.length > 20 ? ', …' : ''}`
      : tenants.kind === 'subtree'
        ? `it is for tenant ${tenants.tenantId} and those below it`
        : ''
  return [bound, chosen].filter((part) => part !== '').join(', and ')
}

function endOf({ end }: GrantFacts): string {
  if (!end) return ''
  const { kind, tokenId, at, by } = end
  if (kind === 'expired') return `Access token ${tokenId} expired at ${at}.`
  return `Access token ${tokenId} was revoked at ${at}${by === null ? '' : ` by ${by}`}.`
}

function beforeStart({ subscription, event }: Facts): string {
  const at = formatRfc3339(event.appendedAtMs)
  return `The event was published at ${at}, before the place where the subscription (made at ${subscription.createdAt}, last changed at ${subscription.updatedAt}) began to read on its present terms.`
}

const skipWords: Readonly<Record<SkipReason, string>> = {
  catch_up_cancelled: 'its catching up was cancelled',
  enabled_from_now: 'it was enabled from now on',
  enabled_from_time: 'it was enabled from a later time',
  retention: 'retention had removed events before they were read',
  several: 'stretches of the log were left out several times',
}

function skipped({ standing, event }: Facts): string {
  const span = standing.reading?.skipped.find(({ after, to }) => after < event.position && event.position <= to)
  if (!span) return 'The subscription left out the part of the log in which the event stands.'
  return `The subscription left out the part of the log in which the event stands: at ${formatRfc3339(span.atMs)} ${skipWords[span.reason]}.`
}
