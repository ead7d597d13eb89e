import { expect, it } from 'vitest'
import type { Subscription } from '../core/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { type DraftContext, draftFaults, type SubscriptionDraft } from './subscription-draft.ts'

const context: DraftContext = {
  typesOf: () => ['invoice.updated'],
  dialects: new Set(['standard']),
  allowsBatch: () => true,
  mayChoose: () => true,
  isAllowedUrl: () => true,
  isUsableTls: () => true,
  settingsFaults: () => [],
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
