import type { DialectHost } from '../contract/host.ts'
import { type AttributeFaults, InvalidAttributes } from './refusal.ts'
import type { FakturowniaMethod } from './settings.ts'

export type Body = Readonly<Record<string, unknown>>

/** The attributes of a webhook that a request names; the others are absent. */
export interface Attributes {
  /** Canonical. */
  readonly type?: string
  readonly url?: string
  /** The receiver's; empty: none. */
  readonly apiToken?: string
  readonly isActive?: boolean
  readonly method?: FakturowniaMethod
}

const longestToken = 4_096

/**
 * The attributes of a body, flat or under `webhook`. Names that the vendor does not have are left
 * out, as it does.
 *
 * @param isFlatTokenCredential a flat `api_token` is the account's credential and not the receiver's
 * @throws InvalidAttributes with every fault
 */
export function readAttributes(
  body: Body,
  isFlatTokenCredential: boolean,
  isNew: boolean,
  host: Pick<DialectHost, 'catalogue' | 'urls'>,
): Attributes {
  const isNested = isObject(body.webhook)
  const given = isNested ? (body.webhook as Body) : body
  const faults: { -readonly [K in keyof AttributeFaults]: AttributeFaults[K] } = {}
  const { kind, url, active } = given
  const method = typeof given.method === 'string' ? given.method.toUpperCase() : given.method
  const token = isNested || !isFlatTokenCredential ? given.api_token : undefined

  const type = typeof kind === 'string' ? host.catalogue().byName('fakturownia', kind)?.type : undefined
  if (isBlank(kind)) {
    if (isNew || kind !== undefined) faults.kind = 'blank'
  } else if (type === undefined) faults.kind = 'notListed'

  const checked = typeof url === 'string' ? host.urls.check(url.trim()) : undefined
  if (isBlank(url)) {
    if (isNew || url !== undefined) faults.url = 'blank'
  } else if (!checked?.ok) faults.url = 'invalid'

  const apiToken = token === null ? '' : typeof token === 'number' ? String(token) : token
  if (apiToken !== undefined && !isToken(apiToken)) faults.api_token = 'invalid'
  const isActive = booleanOf(active)
  if (isActive === 'invalid') faults.active = 'invalid'
  if (!isBlank(method) && method !== 'POST' && method !== 'GET') faults.method = 'notListed'

  if (Object.keys(faults).length > 0) throw new InvalidAttributes(faults)
  return {
    ...(type === undefined ? {} : { type }),
    ...(checked?.ok ? { url: checked.url } : {}),
    ...(typeof apiToken === 'string' ? { apiToken } : {}),
    ...(typeof isActive === 'boolean' ? { isActive } : {}),
    ...(method === 'POST' || method === 'GET' ? { method } : {}),
  }
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** It comes back to the receiver in JSON and in queries: any text that both can carry. */
function isToken(value: unknown): boolean {
  return typeof value === 'string' && value.length <= longestToken && value.isWellFormed() && !value.includes('\0')
}

/** In the spellings of JSON and of forms; undefined: it says nothing. */
function booleanOf(value: unknown): boolean | 'invalid' | undefined {
  if (isBlank(value)) return undefined
  const text = String(value).toLowerCase()
  if (['true', '1', 't', 'on', 'yes'].includes(text)) return true
  if (['false', '0', 'f', 'off', 'no'].includes(text)) return false
  return 'invalid'
}
