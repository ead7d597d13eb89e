import { AppError } from '../core/errors.ts'
import type { AccessToken } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import { endTokens, tokenNames } from './ended-tokens.ts'
import { Faults, type RequestInput } from './faults.ts'
import { requireIntegration } from './integrations.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
import type { Registry } from './registry.ts'
import { dropRecord, guardRecord, putRecord } from './writes.ts'

/** How long a token that has ended is still listed. */
const endedKeptMs = 14 * 86_400_000
const mostDropped = 100

/** An access token as it is shown. */
export interface AccessTokenView extends Omit<AccessToken, 'hash' | 'integrationId' | 'recognised' | 'names'> {
  /** Of the application's own, whose tokens prove this grant; absent: it was made or imported here. */
  readonly authority?: string
}

function showAccessToken(token: AccessToken): AccessTokenView {
  const { id, tenantId, types, expiresAt, createdAt, recognised } = token
  return { id, tenantId, types, expiresAt, createdAt, ...(recognised ? { authority: recognised.authority } : {}) }
}

/**
 * `{tenantId, types?, expiresAt?, accessToken?}`: grants a tenant to an integration. An existing
 * token can be brought along, bare, without `Bearer`. The answer is the only one that holds it.
 *
 * @throws AppError `not_found` for the integration; `invalid_request`; `conflict` when the token is in use.
 */
export function createAccessToken(
  registry: Registry,
  integrationId: string,
  input: RequestInput,
): Promise<AccessTokenView & { readonly accessToken: string }> {
  return registry.change((directory) => {
    const integration = requireIntegration(directory, integrationId)
    const faults = new Faults(input, ['tenantId', 'types', 'expiresAt', 'accessToken'])
    const tenantId = faults.tenantId('tenantId', true)
    const types = faults.patterns('types') ?? null
    const expiresAt = faults.time('expiresAt') ?? null
    const imported = faults.secret('accessToken')
    const accessToken = imported ?? registry.newKey('at')
    const tenant = tenantId === undefined ? undefined : directory.tenant(tenantId)
    if (tenantId !== undefined && !tenant)
      faults.add('tenantId', 'unknown_tenant', 'There is no such tenant; create it first.')
    faults.refuse()
    if (registry.hashes(accessToken).some((hash) => directory.grants.withHash(hash))) {
      throw new AppError('conflict', 'This access token is already in use. Revoke it before you import it again.')
    }
    const token: AccessToken = {
      id: registry.newId('tok'),
      integrationId,
      tenantId: tenant!.id,
      hash: registry.hash(accessToken),
      types,
      expiresAt,
      createdAt: registry.now(),
      ...(imported !== undefined && { names: tokenNames((text) => registry.hashes(text), imported).kept }),
    }
    const ended = directory.grants.endedBefore(registry.nowMs() - endedKeptMs, mostDropped)
    return {
      writes: [
        guardRecord('integration', integration, directory),
        guardRecord('tenant', tenant!, directory),
        putRecord('token', token, 0),
        // Some applications make a token for each hour: those that ended long ago go with the next ones.
        ...ended.map(({ id }) => dropRecord('token', id)),
      ],
      result: { ...showAccessToken(token), accessToken },
    }
  })
}

/**
 * Revokes a token, or a grant that an authority's tokens proved. What it granted ends at once.
 *
 * @throws AppError `not_found`
 */
export function deleteAccessToken(registry: Registry, integrationId: string, tokenId: string): Promise<void> {
  return registry.change((directory) => {
    const live = directory.grants.get(tokenId)
    if (live?.token.integrationId !== integrationId)
      throw new AppError('not_found', 'There is no access token with this id.')
    return { writes: endTokens(directory, [live.token], registry.now()), result: undefined }
  })
}

/** @throws AppError `not_found` for the integration. */
export function listAccessTokens(
  directory: Directory,
  integrationId: string,
  request: PageRequest,
): Page<AccessTokenView> {
  requireIntegration(directory, integrationId)
  return pageOf(request, {
    key: 'string',
    read: (after, limit) => directory.grants.page(integrationId, after, limit).map(showAccessToken),
    keyOf: ({ id }) => id,
  })
}
