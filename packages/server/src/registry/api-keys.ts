import { AppError } from '../core/errors.ts'
import { type ApiKey, type KeyKind, keyKinds } from '../core/registry.ts'
import type { Directory } from './directory.ts'
import { Faults, type Input } from './faults.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
import type { Registry } from './registry.ts'
import { dropRecord, putRecord } from './writes.ts'

/** A key as it is shown. */
export type ApiKeyView = Omit<ApiKey, 'hash'>

function showApiKey({ id, kind, name, createdAt }: ApiKey): ApiKeyView {
  return { id, kind, name, createdAt }
}

/**
 * `{kind, name?}`. The answer is the only one that holds the key.
 *
 * @throws AppError `invalid_request`
 */
export async function createApiKey(registry: Registry, input: Input): Promise<ApiKeyView & { readonly key: string }> {
  const faults = new Faults(input, ['kind', 'name'])
  const kind = faults.text('kind', 16, true) as KeyKind
  if (kind !== undefined && !keyKinds.includes(kind)) {
    faults.add('kind', 'invalid_value', `\`kind\` must be one of ${keyKinds.join(', ')}.`)
  }
  const name = faults.text('name', 255, false) ?? null
  faults.refuse()
  return registry.change(() => {
    const key = registry.newKey(kind)
    const record: ApiKey = {
      id: registry.newId('key'),
      kind,
      name,
      hash: registry.hash(key),
      createdAt: registry.now(),
    }
    return { writes: [putRecord('key', record, 0)], result: { ...showApiKey(record), key } }
  })
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
