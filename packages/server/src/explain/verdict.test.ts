import { expect, test } from 'vitest'
import { formatRfc3339 } from '../core/time/time.ts'
import { detailOf } from './detail.ts'
import { disabled, endedIn, facts, type Given, publishedAtMs, reading, span } from './fixtures/facts.ts'
import { mendsOf } from './mend.ts'
import type { Reason } from './reason.ts'
import { verdictOf } from './verdict.ts'

const cases: Readonly<Record<string, readonly [Given, Reason, readonly string[], RegExp]>> = {
  delivered: [{ delivery: { status: 'delivered' } }, 'delivered', ['resend'], /accepted/],
  'delivered, whatever holds now': [
    { delivery: { status: 'delivered' }, refusal: 'not_granted', grantRefusal: 'no_grant', subscription: disabled },
    'delivered',
    ['enable', 'resend'],
    /accepted/,
  ],
  superseded: [{ delivery: { status: 'superseded' } }, 'superseded', ['resend'], /newer event/],
  failed: [{ delivery: { status: 'failed' } }, 'failed', ['resend'], /No further attempt/],
  'failed, and the grant is gone': [
    { delivery: { status: 'failed' }, refusal: 'not_granted', grantRefusal: 'no_grant', grants: { since: null } },
    'not_granted',
    ['grant', 'resend'],
    /grants integration int_1 nothing now/,
  ],
  'failed, and its types have changed since': [
    { delivery: { status: 'failed' }, refusal: 'type_not_subscribed' },
    'failed',
    ['resend'],
    /No further attempt/,
  ],
  'waiting, and nothing listens at the endpoint': [
    { delivery: { status: 'waiting', nextAttemptAtMs: publishedAtMs, lastAttempt: endedIn('connection_refused') } },
    'waiting',
    ['resend'],
    /ended in connection_refused: nothing accepts connections at the endpoint's address\. Start the receiver/,
  ],
  'waiting, and the certificate of the endpoint is refused': [
    { delivery: { status: 'waiting', nextAttemptAtMs: publishedAtMs, lastAttempt: endedIn('tls_expired') } },
    'waiting',
    ['resend'],
    /ended in tls_expired: .* Mend the endpoint's certificate/,
  ],
  'failed, and the endpoint has refused it': [
    { delivery: { status: 'failed', lastAttempt: endedIn('http_401', 'who are you?') } },
    'failed',
    ['resend'],
    /ended in http_401 \(the endpoint answered: "who are you\?"\)\. No further attempt follows/,
  ],
  'waiting for its next attempt': [
    { delivery: { status: 'waiting', nextAttemptAtMs: publishedAtMs } },
    'waiting',
    ['resend'],
    /The next attempt is at 2026-01-31T12:00:00.000Z/,
  ],
  'waiting while the endpoint rests': [
    { delivery: { status: 'waiting', nextAttemptAtMs: publishedAtMs }, standing: { pausedUntilMs: publishedAtMs } },
    'waiting',
    ['resend'],
    /failed again and again, so nothing is sent to it until 2026/,
  ],
  'queued while the endpoint asked for a pause': [
    { standing: { isPending: true, pausedUntilMs: publishedAtMs, isPauseAskedFor: true } },
    'waiting',
    [],
    /asked for a pause with Retry-After, so nothing is sent to it until 2026/,
  ],
  'waiting while the endpoint asked for a pause, which a resend would wait for too': [
    {
      delivery: { status: 'waiting', nextAttemptAtMs: publishedAtMs },
      standing: { pausedUntilMs: publishedAtMs, isPauseAskedFor: true },
    },
    'waiting',
    [],
    /Disabling and enabling the subscription ends the pause/,
  ],
  'waiting for an older event of its entity': [
    { delivery: { status: 'waiting', nextAttemptAtMs: null } },
    'waiting',
    ['resend'],
    /older event of its entity/,
  ],
  'waiting in a disabled subscription': [
    { delivery: { status: 'waiting' }, subscription: disabled },
    'disabled',
    ['enable'],
    /disabled at 2026-01-30T00:00:00.000Z \(gone\)/,
  ],
  'waiting in a disabled subscription that goes on with what it has': [
    { delivery: { status: 'waiting' }, subscription: disabled, standing: { retriesWhileDisabled: true } },
    'waiting',
    ['resend'],
    /./,
  ],
  queued: [{ standing: { isPending: true } }, 'waiting', [], /queue for its first attempt/],
  'not read yet': [{ standing: reading(7) }, 'waiting', [], /3 places of the log ahead/],
  'not read yet, and paused': [
    { standing: reading(7, [], publishedAtMs) },
    'waiting',
    ['resume'],
    /was paused at 2026/,
  ],
  'not read yet, and disabled': [{ standing: reading(7), subscription: disabled }, 'disabled', ['enable'], /disabled/],
  'no reading at all': [{ standing: { reading: undefined } }, 'waiting', [], /./],
  skipped: [{ standing: reading(30, [span('enabled_from_now')]) }, 'skipped', ['rewind'], /enabled from now on/],
  'skipped and read again': [
    { standing: reading(7, [span('enabled_from_now', true)]) },
    'waiting',
    [],
    /follows by itself/,
  ],
  'skipped by retention': [{ standing: reading(30, [span('retention')]) }, 'expired', [], /Retention has removed/],
  'older than the subscription': [{}, 'before_start', ['rewind'], /made at 2026-01-31T12:00:00.001Z/],
  'before the place that it began at': [{ refusal: 'before_start' }, 'before_start', ['rewind'], /./],
  'granted later': [
    { wasWithheld: true, grants: { since: formatRfc3339(publishedAtMs + 5) } },
    'not_granted',
    ['rewind'],
    /No grant stood when the event was published\. .* since 2026-01-31T12:00:00.005Z/,
  ],
  'a grant that was revoked': [
    {
      refusal: 'not_granted',
      grantRefusal: 'no_grant',
      grants: { since: null, end: { kind: 'revoked', at: 'T', tokenId: 'tok_1', by: 'the operator (key_1)' } },
    },
    'not_granted',
    ['grant', 'rewind'],
    /Access token tok_1 was revoked at T by the operator \(key_1\)/,
  ],
  'a grant that expired': [
    {
      refusal: 'not_granted',
      grantRefusal: 'no_grant',
      grants: { since: null, end: { kind: 'expired', at: 'T', tokenId: 'tok_1', by: null } },
    },
    'not_granted',
    ['grant', 'rewind'],
    /tok_1 expired at T/,
  ],
  'a tenant that nobody created': [
    { refusal: 'not_granted', grantRefusal: 'no_grant', grants: { since: null, isTenantKnown: false } },
    'not_granted',
    ['grant', 'rewind'],
    /no tenant with this id/,
  ],
  'a type that is not granted': [
    { refusal: 'not_granted', grantRefusal: 'type_not_granted' },
    'not_granted',
    ['grant', 'rewind'],
    /shows integration int_1 the type invoice.updated/,
  ],
  'beyond the token that made it': [
    { refusal: 'not_granted', grantRefusal: 'beyond_its_token', subscription: { visibleTypes: ['customer.*'] } },
    'not_granted',
    [],
    /shows only customer\.\*/,
  ],
  'a list of other tenants': [
    {
      refusal: 'not_granted',
      grantRefusal: 'other_tenant',
      subscription: { tenants: { kind: 'list', tenantIds: [2, 3] } },
    },
    'not_granted',
    ['change', 'rewind'],
    /its tenants are 2, 3/,
  ],
  'a subscription of another tenant': [
    { refusal: 'not_granted', grantRefusal: 'other_tenant', subscription: { boundTenantId: 2 } },
    'not_granted',
    [],
    /access token of tenant 2 made it/,
  ],
  'another type': [{ refusal: 'type_not_subscribed' }, 'type_not_subscribed', ['change', 'rewind'], /asks for invoice/],
  'a disabled subscription that would not match': [
    { refusal: 'filtered', unmet: ['a'], subscription: disabled },
    'filtered',
    ['change', 'enable', 'rewind'],
    /: a\./,
  ],
  'no name in the dialect': [{ refusal: 'not_in_dialect' }, 'not_in_dialect', [], /standard has no name/],
  quiet: [{ refusal: 'quiet' }, 'quiet', [], /"quiet": true/],
}

test.each(Object.entries(cases))('%s', (_title, [given, reason, actions, words]) => {
  const all = facts(given)
  expect(verdictOf(all)).toBe(reason)
  expect(mendsOf(reason, all, 'dlv_1').map(({ action }) => action)).toEqual(actions)
  expect(detailOf(reason, all)).toMatch(words)
})
