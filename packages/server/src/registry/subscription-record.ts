import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Endpoint, EndpointAuth, SigningSecret, Subscription } from '../core/registry/registry.ts'
import type { EndpointDraft, SubscriptionDraft } from '../core/subscription/subscription-draft.ts'

/** Seals a text for one record. */
export type Seal = (text: string) => string

const defaultTimeoutSeconds = 15
const defaultConcurrency = 8

/** A checked draft as a record. */
export function newSubscription(
  draft: SubscriptionDraft,
  given: {
    readonly id: string
    readonly number: number
    readonly integrationId: string
    readonly boundTenantId: TenantId | null
    readonly visibleTypes: readonly string[] | null
    readonly secrets: readonly SigningSecret[]
    readonly topicFloors: Readonly<Record<string, number>> | null
    readonly url: string
    readonly nowText: string
  },
  seal: Seal,
): Subscription {
  const empty: Endpoint = {
    url: given.url,
    headerNames: [],
    headers: null,
    auth: null,
    tls: null,
    timeoutSeconds: defaultTimeoutSeconds,
  }
  const blank: Subscription = {
    id: given.id,
    number: given.number,
    integrationId: given.integrationId,
    boundTenantId: given.boundTenantId,
    visibleTypes: given.visibleTypes,
    dialect: draft.dialect ?? 'standard',
    status: 'active',
    disabledReason: null,
    disabledAt: null,
    failingSince: null,
    hold: null,
    types: ['*'],
    tenants: { kind: 'granted' },
    filter: null,
    fields: null,
    topicFloors: given.topicFloors,
    replayedAt: null,
    endpoint: empty,
    secrets: given.secrets,
    ordering: 'none',
    coalesce: 'none',
    batch: null,
    retryDelaysSeconds: null,
    concurrency: defaultConcurrency,
    ratePerSecond: null,
    description: null,
    settings: {},
    version: 0,
    createdAt: given.nowText,
    updatedAt: given.nowText,
  }
  return { ...changedSubscription(blank, draft, given.url, given.nowText, seal), version: 0 }
}

/** The record after a checked draft: what the draft does not name stays. `url`: the draft's, parsed. */
export function changedSubscription(
  before: Subscription,
  draft: SubscriptionDraft,
  url: string | undefined,
  nowText: string,
  seal: Seal,
): Subscription {
  return {
    ...before,
    ...(draft.types ? { types: draft.types } : {}),
    ...(draft.tenants === undefined ? {} : { tenants: selectionOf(draft.tenants) }),
    ...(draft.filter === undefined ? {} : { filter: draft.filter }),
    ...(draft.fields === undefined ? {} : { fields: draft.fields }),
    ...(draft.endpoint ? { endpoint: changedEndpoint(before.endpoint, draft.endpoint, url, seal) } : {}),
    ...(draft.ordering ? { ordering: draft.ordering } : {}),
    ...(draft.coalesce ? { coalesce: draft.coalesce } : {}),
    ...(draft.batch === undefined ? {} : { batch: draft.batch }),
    ...(draft.retry === undefined ? {} : { retryDelaysSeconds: draft.retry?.delaysSeconds ?? null }),
    ...(draft.concurrency === undefined ? {} : { concurrency: draft.concurrency }),
    ...(draft.ratePerSecond === undefined ? {} : { ratePerSecond: draft.ratePerSecond }),
    ...(draft.description === undefined ? {} : { description: draft.description }),
    ...(draft.settings ? { settings: { ...before.settings, ...draft.settings } } : {}),
    version: before.version + 1,
    updatedAt: nowText,
  }
}

function selectionOf(tenants: NonNullable<SubscriptionDraft['tenants']>): Subscription['tenants'] {
  if (tenants === 'granted') return { kind: 'granted' }
  if ('subtree' in tenants) return { kind: 'subtree', tenantId: tenants.subtree }
  return { kind: 'list', tenantIds: [...new Set(tenants)] }
}

function changedEndpoint(before: Endpoint, draft: EndpointDraft, url: string | undefined, seal: Seal): Endpoint {
  const headers = draft.headers
  return {
    url: url ?? before.url,
    headerNames: headers === undefined ? before.headerNames : Object.keys(headers ?? {}),
    headers:
      headers === undefined
        ? before.headers
        : headers === null || Object.keys(headers).length === 0
          ? null
          : seal(JSON.stringify(Object.entries(headers))),
    auth: draft.auth === undefined ? before.auth : draft.auth === null ? null : sealedAuth(draft.auth, seal),
    tls: draft.tls === undefined ? before.tls : draft.tls === null ? null : seal(JSON.stringify(draft.tls)),
    timeoutSeconds: draft.timeoutSeconds ?? before.timeoutSeconds,
  }
}

function sealedAuth(auth: NonNullable<EndpointDraft['auth']>, seal: Seal): EndpointAuth {
  switch (auth.type) {
    case 'basic':
      return { type: 'basic', username: auth.username, password: seal(auth.password) }
    case 'bearer':
      return { type: 'bearer', token: seal(auth.token) }
    case 'oauth2':
      return {
        type: 'oauth2',
        tokenUrl: auth.tokenUrl,
        clientId: auth.clientId,
        clientSecret: seal(auth.clientSecret),
        scope: auth.scope ?? null,
      }
    default:
      return auth satisfies never
  }
}
