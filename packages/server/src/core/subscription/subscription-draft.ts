import { endpointHeaderFaults } from '../address/endpoint-headers.ts'
import { readHmacSecret } from '../dialect/signature-secret.ts'
import type { FieldError } from '../errors.ts'
import { isEventPattern, matchesPattern } from '../event/event-type-pattern.ts'
import { parseFields } from '../filter/fields.ts'
import { parseFilter } from '../filter/filter.ts'
import type { TenantId } from '../ids/tenant-id.ts'
import type { Subscription } from '../registry/registry.ts'
import { parseRfc3339 } from '../time/time.ts'

/** Where a subscription begins, as a client says it (contracts/native.md). */
export type StartDraft =
  | 'now'
  | 'earliest'
  | { readonly time: string }
  | { readonly offsets: Readonly<Record<string, string>> }

export interface EndpointDraft {
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>> | null
  readonly auth?:
    | { readonly type: 'basic'; readonly username: string; readonly password: string }
    | { readonly type: 'bearer'; readonly token: string }
    | {
        readonly type: 'oauth2'
        readonly tokenUrl: string
        readonly clientId: string
        readonly clientSecret: string
        readonly scope?: string | null
      }
    | null
  readonly tls?: { readonly certificate?: string; readonly key?: string; readonly ca?: string } | null
  readonly timeoutSeconds?: number
}

/** What a client gives to create or change a subscription; its shape was checked by the route's schema. */
export interface SubscriptionDraft {
  readonly integrationId?: string
  readonly dialect?: string
  readonly types?: readonly string[]
  readonly tenants?: 'granted' | { readonly subtree: TenantId } | readonly TenantId[]
  /** JSON text as it was sent, so that numbers keep their digits. */
  readonly filter?: string | null
  readonly fields?: string | null
  readonly start?: StartDraft
  readonly endpoint?: EndpointDraft
  readonly ordering?: 'none' | 'entity'
  readonly coalesce?: 'none' | 'latest'
  readonly batch?: { readonly maxEvents: number; readonly maxWaitMs: number } | null
  readonly retry?: { readonly delaysSeconds: readonly number[] } | null
  readonly concurrency?: number
  readonly ratePerSecond?: number | null
  readonly description?: string | null
  readonly signature?: 'hmac-sha256' | 'ed25519'
  /** To go on with the secret of another sender; of the new subscription only. */
  readonly signingSecret?: string
  readonly settings?: Readonly<Record<string, unknown>>
}

/** What each dialect lets a draft say. */
export interface DraftDialects {
  readonly names: Iterable<string>
  /** Types that have a name in the dialect. */
  typesOf(dialect: string): Iterable<string>
  allowsBatch(dialect: string): boolean
  /** Whether it signs as Standard Webhooks does. */
  hasStandardSecret(dialect: string): boolean
  settingsFaults(dialect: string, settings: Readonly<Record<string, unknown>>): readonly FieldError[]
}

export interface DraftTenants {
  /** Whether the owner may choose this tenant (it granted the integration, or is below one that did). */
  mayChoose(tenantId: TenantId): boolean
}

export interface DraftEndpoints {
  isAllowedUrl(url: string): boolean
  isUsableTls(tls: { certificate?: string; key?: string; ca?: string }): boolean
}

/** Everything that a draft is checked against, for one owner at one moment. */
export interface DraftContext {
  readonly dialects: DraftDialects
  readonly tenants: DraftTenants
  readonly endpoints: DraftEndpoints
}

/** One message for every URL that is refused: another would tell what the network inside looks like. */
const urlRefused = 'This URL cannot be used as an endpoint: it must be https, to a public address, on an allowed port.'

/** The subscription that a draft changes; null: the draft makes a new one. */
export type ChangedByDraft = Pick<Subscription, 'batch' | 'coalesce' | 'endpoint'> | null

/** Everything that is wrong with a draft, at once. `dialect` is the one that the subscription has or will have. */
export function draftFaults(
  draft: SubscriptionDraft,
  dialect: string,
  context: DraftContext,
  before: ChangedByDraft,
): FieldError[] {
  const faults: FieldError[] = []
  const fault = (pointer: string, code: string, detail: string) => faults.push({ pointer, code, detail })
  const { dialects, tenants, endpoints } = context
  const names = [...dialects.names]
  if (!names.includes(dialect)) {
    fault('/dialect', 'unknown_dialect', `There is no webhook dialect of this name; there are ${names.join(', ')}.`)
  } else {
    if (draft.types) faults.push(...typeFaults(draft.types, [...dialects.typesOf(dialect)], dialect))
    if (draft.batch && !dialects.allowsBatch(dialect)) {
      fault('/batch', 'not_allowed', `The dialect ${dialect} sends one event per request.`)
    }
    faults.push(...secretFaults(draft, dialect, dialects.hasStandardSecret(dialect)))
    if (draft.settings) faults.push(...dialects.settingsFaults(dialect, draft.settings))
  }
  faults.push(...tenantFaults(draft.tenants, tenants))
  if (draft.filter !== undefined && draft.filter !== null) {
    const parsed = parseFilter(draft.filter)
    if (!parsed.ok) for (const error of parsed.errors) faults.push({ ...error, pointer: `/filter${error.pointer}` })
  }
  if (draft.fields !== undefined && draft.fields !== null) {
    const parsed = parseFields(draft.fields)
    if (!parsed.ok) fault('/fields', 'invalid_format', parsed.error.message)
  }
  if (draft.endpoint)
    faults.push(...endpointFaults(draft.endpoint, endpoints), ...credentialFaults(draft.endpoint, before))
  if (typeof draft.start === 'object' && 'time' in draft.start && !parseRfc3339(draft.start.time)) {
    fault('/start/time', 'invalid_format', 'The time must be RFC 3339, as 2026-01-31T12:00:00Z.')
  }
  const batch = draft.batch === undefined ? before?.batch : draft.batch
  const isNew = draft.coalesce !== undefined || draft.batch !== undefined
  if (isNew && batch && (draft.coalesce ?? before?.coalesce) === 'latest') {
    fault(draft.coalesce ? '/coalesce' : '/batch', 'conflict', 'Give either `coalesce` or `batch`.')
  }
  return faults
}

function secretFaults(
  { signature, signingSecret }: SubscriptionDraft,
  dialect: string,
  isStandard: boolean,
): FieldError[] {
  const refused = (name: string, code: string, detail: string): FieldError[] => [{ pointer: `/${name}`, code, detail }]
  if (signature === 'ed25519' && !isStandard) {
    return refused('signature', 'not_allowed', `The dialect ${dialect} has no Ed25519 signatures.`)
  }
  if (signingSecret === undefined) return []
  if (!isStandard) {
    return refused('signingSecret', 'not_allowed', `The dialect ${dialect} does not sign with a \`whsec_\` secret.`)
  }
  if (signature === 'ed25519') {
    return refused('signingSecret', 'conflict', 'An Ed25519 key pair is always made by Tidings. Leave it out.')
  }
  if (readHmacSecret(signingSecret)) return []
  const form = 'Give `whsec_` and then 24 to 64 bytes as base64, with its padding.'
  return refused('signingSecret', 'invalid_format', form)
}

/** Receivers would get `Authorization` twice, and each believe another one. */
function credentialFaults(endpoint: EndpointDraft, before: ChangedByDraft): FieldError[] {
  if (endpoint.auth === undefined && endpoint.headers === undefined) return []
  const auth = endpoint.auth === undefined ? before?.endpoint.auth : endpoint.auth
  const names = endpoint.headers === undefined ? before?.endpoint.headerNames : Object.keys(endpoint.headers ?? {})
  if (!auth || !names?.some((name) => name.toLowerCase() === 'authorization')) return []
  const pointer = endpoint.auth ? '/endpoint/auth' : '/endpoint/headers'
  return [{ pointer, code: 'conflict', detail: 'Give either `auth` or a header Authorization.' }]
}

function typeFaults(types: readonly string[], known: readonly string[], dialect: string): FieldError[] {
  return types.flatMap((pattern, index) => {
    const pointer = `/types/${index}`
    if (!isEventPattern(pattern)) {
      return [{ pointer, code: 'invalid_format', detail: 'A pattern is `*`, `invoice.*` or `invoice.updated`.' }]
    }
    if (known.some((type) => matchesPattern(pattern, type))) return []
    return [
      {
        pointer,
        code: 'unknown_type',
        detail: `No event type that the dialect ${dialect} can name fits this. GET /v1/event-types lists them.`,
      },
    ]
  })
}

function tenantFaults(tenants: SubscriptionDraft['tenants'], known: DraftTenants): FieldError[] {
  if (tenants === undefined || tenants === 'granted') return []
  const unknown = 'There is no such tenant among those that granted the integration.'
  if ('subtree' in tenants) {
    return known.mayChoose(tenants.subtree)
      ? []
      : [{ pointer: '/tenants/subtree', code: 'unknown_tenant', detail: unknown }]
  }
  return tenants.flatMap((tenantId, index) =>
    known.mayChoose(tenantId) ? [] : [{ pointer: `/tenants/${index}`, code: 'unknown_tenant', detail: unknown }],
  )
}

function endpointFaults(endpoint: EndpointDraft, allowed: DraftEndpoints): FieldError[] {
  const faults: FieldError[] = []
  if (endpoint.url !== undefined && !allowed.isAllowedUrl(endpoint.url)) {
    faults.push({ pointer: '/endpoint/url', code: 'url_not_allowed', detail: urlRefused })
  }
  if (endpoint.headers) faults.push(...endpointHeaderFaults(endpoint.headers, '/endpoint/headers'))
  if (endpoint.auth?.type === 'oauth2' && !allowed.isAllowedUrl(endpoint.auth.tokenUrl)) {
    faults.push({ pointer: '/endpoint/auth/tokenUrl', code: 'url_not_allowed', detail: urlRefused })
  }
  if (endpoint.auth?.type === 'bearer' && !/^[\x21-\x7e]+$/.test(endpoint.auth.token)) {
    faults.push({
      pointer: '/endpoint/auth/token',
      code: 'invalid_format',
      detail: 'A token is printable ASCII without spaces.',
    })
  }
  if (endpoint.auth?.type === 'basic' && endpoint.auth.username.includes(':')) {
    faults.push({
      pointer: '/endpoint/auth/username',
      code: 'invalid_format',
      detail: 'A user name has no colon (RFC 7617).',
    })
  }
  if (endpoint.tls && !allowed.isUsableTls(endpoint.tls)) {
    faults.push({
      pointer: '/endpoint/tls',
      code: 'invalid_format',
      detail: '`certificate`, `key` and `ca` are PEM texts, the first two given together.',
    })
  }
  return faults
}
