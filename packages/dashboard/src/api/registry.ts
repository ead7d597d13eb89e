import { infiniteQueryOptions } from '@tanstack/react-query'
import { ask, type Page, segment } from './http.ts'
import type { TenantId } from './tenant-id.ts'

export interface Tenant {
  readonly id: TenantId
  readonly name: string
  readonly parentId: TenantId | null
  readonly createdAt: string
}
export interface Integration {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly createdAt: string
  readonly clientSecret?: string
}
export interface AccessToken {
  readonly id: string
  readonly tenantId: TenantId
  readonly types: readonly string[] | null
  readonly expiresAt: string | null
  readonly createdAt: string
  readonly accessToken?: string
  readonly authority?: string
}
export interface Key {
  readonly id: string
  readonly kind: 'admin' | 'pub' | 'portal'
  readonly name: string | null
  readonly createdAt: string
  readonly integrationId?: string
  readonly expiresAt?: string
  readonly key?: string
}
export interface AuditEntry {
  readonly at: string
  readonly by: { readonly kind: string; readonly id: string | null }
  readonly address: string
  readonly request: string
  readonly kind: string
  readonly id: string | null
  readonly action: string
  readonly integrationId: string | null
  readonly tenantId: TenantId | null
}

/** A list of the server, page by page. */
export const listQuery = <Item>(path: string, filter: Readonly<Record<string, string | undefined>> = {}, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ['list', path, filter, limit],
    queryFn: ({ pageParam, signal }) =>
      ask<Page<Item>>('GET', path, { query: { ...filter, cursor: pageParam, limit }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const tenantsQuery = () => listQuery<Tenant>('/v1/tenants')
export const integrationsQuery = () => listQuery<Integration>('/v1/integrations')
export const tokensQuery = (integrationId: string) =>
  listQuery<AccessToken>(`/v1/integrations/${segment(integrationId)}/tokens`)
export const keysQuery = () => listQuery<Key>('/v1/keys')
export const auditQuery = (filter: Readonly<Record<string, string | undefined>>) =>
  listQuery<AuditEntry>('/v1/audit', filter)

export const createTenant = (tenant: { id: TenantId; name: string; parentId?: TenantId | undefined }) =>
  ask<Tenant>('POST', '/v1/tenants', { body: tenant })
export const deleteTenant = (id: string) => ask<void>('DELETE', `/v1/tenants/${segment(id)}`)
export const createIntegration = (name: string) => ask<Integration>('POST', '/v1/integrations', { body: { name } })
export const rotateClientSecret = (id: string) =>
  ask<{ readonly clientSecret: string }>('POST', `/v1/integrations/${segment(id)}/rotate-secret`, { body: {} })
export const deleteIntegration = (id: string) => ask<void>('DELETE', `/v1/integrations/${segment(id)}`)
export const grantTenant = (id: string, grant: { tenantId: TenantId; types?: readonly string[] | undefined }) =>
  ask<AccessToken>('POST', `/v1/integrations/${segment(id)}/tokens`, { body: grant })
export const revokeToken = (id: string, tokenId: string) =>
  ask<void>('DELETE', `/v1/integrations/${segment(id)}/tokens/${segment(tokenId)}`)
export const createKey = (key: { kind: 'admin' | 'pub'; name?: string | undefined }) =>
  ask<Key>('POST', '/v1/keys', { body: key })
export const revokeKey = (id: string) => ask<void>('DELETE', `/v1/keys/${segment(id)}`)
export const createPortalLink = (integrationId: string) =>
  ask<{ readonly url: string; readonly expiresAt: string }>('POST', '/v1/portal-links', { body: { integrationId } })
