import { AppError } from '../core/errors.ts'
import { type ApiKey, type KeyKind, keyKinds, type PortalAccess } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import { Faults, type RequestInput } from './faults.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
import type { Registry } from './registry.ts'
import { dropRecord, putRecord } from './writes.ts'

const portalMs = 3_600_000
const longestPortalMs = 24 * portalMs

/** A key as it is shown. */
export type ApiKeyView = Omit<ApiKey, 'hash' | 'portal'> & Partial<PortalAccess>

function showApiKey({ id, kind, name, createdAt, portal }: ApiKey): ApiKeyView {
  return { id, kind, name, createdAt, ...portal }
}

/**
 * `{kind, name?}`; for a portal also `integrationId`, and `expiresAt` up to a day ahead (else an hour). The
 * answer is the only one that holds the key.
 *
 * @throws AppError `invalid_request`
 */
export function createApiKey(registry: Registry, input: RequestInput): Promise<ApiKeyView & { readonly key: string }> {
  return registry.change((directory) => {
    const faults = new Faults(input, ['kind', 'name', 'integrationId', 'expiresAt'])
    const kind = faults.text('kind', 16, true) as KeyKind
    if (kind !== undefined && !keyKinds.includes(kind)) {
      faults.add('kind', 'invalid_value', `\`kind\` must be one of ${keyKinds.join(', ')}.`)
    }
    const name = faults.text('name', 255, false) ?? null
    const portal = kind === 'portal' ? portalAccess(registry, faults) : undefined
    for (const field of ['integrationId', 'expiresAt']) {
      if (!portal && faults.isGiven(field)) faults.add(field, 'not_allowed', `\`${field}\` is for portals' keys.`)
    }
    faults.refuse()
    const key = registry.newKey(kind)
    const record: ApiKey = {
      id: registry.newId('key'),
      kind,
      name,
      hash: registry.hash(key),
      createdAt: registry.now(),
      ...(portal && { portal }),
    }
    // Portals make a key for each visit: those that ended go with the next one.
    const ended = [...directory.keys.values()].filter((other) => isEnded(other, registry.nowMs()))
    const writes = [putRecord('key', record, 0), ...ended.map(({ id }) => dropRecord('key', id))]
    return { writes, result: { ...showApiKey(record), key } }
  })
}

function portalAccess(registry: Registry, faults: Faults): PortalAccess {
  const integrationId = faults.text('integrationId', 255, true)
  const expiresAt = faults.time('expiresAt')
  if (integrationId !== undefined && !registry.directory.integrations.get(integrationId)) {
    faults.add('integrationId', 'unknown_integration', 'There is no such integration; create it first.')
  }
  const nowMs = registry.nowMs()
  const endsMs = expiresAt === undefined ? nowMs + portalMs : Date.parse(expiresAt)
  if (!(endsMs > nowMs && endsMs <= nowMs + longestPortalMs)) {
    faults.add('expiresAt', 'out_of_range', "A portal's key ends within a day from now.")
    return { integrationId: '', expiresAt: '' }
  }
  return { integrationId: integrationId ?? '', expiresAt: expiresAt ?? new Date(endsMs).toISOString() }
}

/** A portal's key, after its time. */
export function isEnded({ portal }: ApiKey, nowMs: number): boolean {
  return portal !== undefined && Date.parse(portal.expiresAt) <= nowMs
}

/** The operator's key of a first start, to be shown once; null when there is one already. */
export async function makeFirstAdminKey(registry: Registry): Promise<string | null> {
  for (const { kind } of registry.directory.keys.values()) if (kind === 'admin') return null
  const { key } = await createApiKey(registry, { kind: 'admin', name: 'made at the first start' })
  return key
}

/** @throws AppError `not_found` */
export function deleteApiKey(registry: Registry, id: string): Promise<void> {
  return registry.change((directory) => {
    if (!directory.keys.get(id)) throw new AppError('not_found', 'there is no such key')
    return { writes: [dropRecord('key', id)], result: undefined }
  })
}

export function listApiKeys(directory: Directory, request: PageRequest): Page<ApiKeyView> {
  return pageOf(request, {
    key: 'string',
    read: (after, limit) => directory.keys.page(after, limit).map(showApiKey),
    keyOf: ({ id }) => id,
  })
}
