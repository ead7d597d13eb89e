import { expect, it } from 'vitest'
import { sampleSubscription } from '../../dialects/samples.ts'
import type { Subscription } from '../registry/registry.ts'
import { type DraftContext, draftFaults, type SubscriptionDraft } from './subscription-draft.ts'

const context: DraftContext = {
  dialects: {
    names: ['standard', 'moneybird'],
    typesOf: () => ['invoice.updated'],
    allowsBatch: () => true,
    hasStandardSecret: (dialect) => dialect === 'standard',
    settingsFaults: () => [],
  },
  tenants: { mayChoose: () => true },
  endpoints: { isAllowedUrl: () => true, isUsableTls: () => true },
}
const batch = { maxEvents: 10, maxWaitMs: 100 }
const auth = { type: 'bearer', token: 'abc' } as const
const headers = { Authorization: 'Basic abc' }
const { endpoint } = sampleSubscription('standard')
const coalescing = { coalesce: 'latest' } as const
const batching = { batch }
const withAuth = { endpoint: { ...endpoint, auth } }
const withHeader = { endpoint: { ...endpoint, headerNames: ['Authorization'], headers: 'v1.sealed' } }

it.each<[string, SubscriptionDraft, Partial<Subscription> | null, string[]]>([
  ['made with both', { coalesce: 'latest', batch }, null, ['/coalesce']],
  ['coalescing added to a batch', { coalesce: 'latest' }, batching, ['/coalesce']],
  ['a batch added to coalescing', { batch }, coalescing, ['/batch']],
  ['one in place of the other', { coalesce: 'latest', batch: null }, batching, []],
  ['the other in place of the one', { coalesce: 'none', batch }, coalescing, []],
  ['neither touched', { description: 'other' }, batching, []],
  ['credentials made twice', { endpoint: { auth, headers } }, null, ['/endpoint/auth']],
  ['credentials added to a header', { endpoint: { auth } }, withHeader, ['/endpoint/auth']],
  ['a header added to credentials', { endpoint: { headers } }, withAuth, ['/endpoint/headers']],
  ['credentials in place of the header', { endpoint: { auth, headers: null } }, withHeader, []],
  ['the header in place of credentials', { endpoint: { auth: null, headers } }, withAuth, []],
  ['another URL', { endpoint: { url: 'https://example.com/other' } }, withAuth, []],
])('what does not go together is refused, whichever came first: %s', (_case, draft, before, pointers) => {
  const stored = before && sampleSubscription('standard', before)
  expect(draftFaults(draft, 'standard', context, stored).map(({ pointer }) => pointer)).toEqual(pointers)
})

const whsec = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`

it.each<[string, SubscriptionDraft, string, string[]]>([
  ['of 24 bytes', { signingSecret: whsec(24) }, 'standard', []],
  ['of 64 bytes', { signingSecret: whsec(64), signature: 'hmac-sha256' }, 'standard', []],
  ['of 23 bytes', { signingSecret: whsec(23) }, 'standard', ['/signingSecret invalid_format']],
  ['of 65 bytes', { signingSecret: whsec(65) }, 'standard', ['/signingSecret invalid_format']],
  ['without its prefix', { signingSecret: whsec(32).slice(6) }, 'standard', ['/signingSecret invalid_format']],
  ['without its padding', { signingSecret: whsec(32).slice(0, -1) }, 'standard', ['/signingSecret invalid_format']],
  [
    'with other unused bits',
    { signingSecret: `${whsec(32).slice(0, -2)}d=` },
    'standard',
    ['/signingSecret invalid_format'],
  ],
  ['beside Ed25519', { signingSecret: whsec(32), signature: 'ed25519' }, 'standard', ['/signingSecret conflict']],
  ['in a dialect with its own', { signingSecret: whsec(32) }, 'moneybird', ['/signingSecret not_allowed']],
  ['Ed25519 where there is none', { signature: 'ed25519' }, 'moneybird', ['/signature not_allowed']],
])('an imported signing secret: %s', (_case, draft, dialect, faults) => {
  expect(draftFaults(draft, dialect, context, null).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(faults)
})
