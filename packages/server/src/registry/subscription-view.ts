import type { EndpointAuth, Subscription } from '../core/registry/registry.ts'

/** A subscription as clients see it: secrets never, names of headers but not their values. */
export function subscriptionView(subscription: Subscription): Record<string, unknown> {
  const { endpoint, tenants, secrets } = subscription
  const publicKey = secrets.find((secret) => secret.expiresAt === null)?.publicKey ?? null
  return {
    id: subscription.id,
    status: subscription.status,
    disabledReason: subscription.disabledReason,
    disabledAt: subscription.disabledAt,
    failingSince: subscription.failingSince,
    dialect: subscription.dialect,
    integrationId: subscription.integrationId,
    tenantId: subscription.boundTenantId,
    visibleTypes: subscription.visibleTypes,
    types: subscription.types,
    tenants:
      tenants.kind === 'granted'
        ? 'granted'
        : tenants.kind === 'subtree'
          ? { subtree: tenants.tenantId }
          : tenants.tenantIds,
    filter: subscription.filter === null ? null : JSON.parse(subscription.filter),
    fields: subscription.fields,
    endpoint: {
      url: endpoint.url,
      headerNames: endpoint.headerNames,
      auth: endpoint.auth && authView(endpoint.auth),
      tls: endpoint.tls !== null,
      timeoutSeconds: endpoint.timeoutSeconds,
    },
    ordering: subscription.ordering,
    coalesce: subscription.coalesce,
    batch: subscription.batch,
    retry: subscription.retryDelaysSeconds === null ? null : { delaysSeconds: subscription.retryDelaysSeconds },
    concurrency: subscription.concurrency,
    ratePerSecond: subscription.ratePerSecond,
    description: subscription.description,
    settings: subscription.settings,
    signature: secrets[0]?.algorithm ?? null,
    ...(publicKey === null ? {} : { signingPublicKey: publicKey }),
    version: subscription.version,
    createdAt: subscription.createdAt,
    updatedAt: subscription.updatedAt,
  }
}

function authView(auth: EndpointAuth): Record<string, unknown> {
  switch (auth.type) {
    case 'basic':
      return { type: 'basic', username: auth.username }
    case 'bearer':
      return { type: 'bearer' }
    case 'oauth2':
      return { type: 'oauth2', tokenUrl: auth.tokenUrl, clientId: auth.clientId, scope: auth.scope }
    default:
      return auth satisfies never
  }
}
