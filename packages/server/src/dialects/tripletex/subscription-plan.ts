import { endpointHeaderFaults } from '../../core/address/endpoint-headers.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { SubscriptionDraft } from '../../core/subscription/subscription-draft.ts'
import type { EventType } from '../contract/catalogue.ts'
import type { DialectHost } from '../contract/host.ts'
import { modelOf } from './entity-model.ts'
import { readFields } from './list-query.ts'
import { TripletexError, type ValidationMessage } from './refusal.ts'
import { placeOf, type SubscriptionInput } from './subscription-input.ts'
import { eventNameOf, statusOf } from './subscription-view.ts'
import { shownTargetUrl, withoutUserinfo } from './target-url.ts'

export interface PlanContext {
  readonly host: Pick<DialectHost, 'catalogue' | 'urls' | 'secrets'>
  /** Whether the access token shows events of the type. */
  readonly allows: (type: string) => boolean
}

/** A checked request: what it asks for. */
export interface Plan {
  readonly draft: SubscriptionDraft
  /** Undefined: as it is. Null: none. */
  readonly secret: string | null | undefined
  readonly status: 'ACTIVE' | 'DISABLED' | undefined
  readonly version: number | undefined
}

const mostText = 255
const mostValue = 4_096

/** The vendor's rules for one input, `before` null when it is new. Every fault goes into `faults`. */
export function planOf(
  input: SubscriptionInput,
  before: Subscription | null,
  context: PlanContext,
  faults: ValidationMessage[],
  index: number | null = null,
): Plan {
  const fault = (field: string, message: string) => faults.push({ field, message, path: placeOf(index, field) })
  const type = eventType(input, before, context, fault)
  const endpoint = {
    ...targetUrl(input, before, context, fault),
    ...authHeader(input, before, context, fault),
  }
  if (hasTwoAuthorizations(endpoint, before)) {
    fault('authHeaderName', 'Give either credentials in targetUrl or an Authorization header.')
  }
  if (before === null && isGiven(input.id)) fault('id', 'Must not be given for a new object.')
  if (before !== null && isGiven(input.id) && input.id !== before.number) fault('id', 'Is not that of the path.')
  const fields = blankAsNull(input.fields)
  if (isGiven(fields) && fields.length > mostText) fault('fields', `May have up to ${mostText} characters.`)
  const secret = blankAsNull(input.hmacSharedSecret)
  if (isGiven(secret) && secret.length > mostValue) fault('hmacSharedSecret', `May have up to ${mostValue} characters.`)
  const spelled = endpoint.url === undefined || !isGiven(input.targetUrl) ? undefined : withoutUserinfo(input.targetUrl)
  return {
    draft: {
      ...(type ? { types: [type.type], coalesce: isUpdate(type) ? 'latest' : 'none' } : {}),
      ...(fields === undefined ? {} : { fields }),
      ...(Object.keys(endpoint).length === 0 ? {} : { endpoint }),
      ...(spelled === undefined ? {} : { settings: { targetUrl: spelled } }),
    },
    secret: before === null ? (secret ?? null) : secret,
    status: wantedStatus(input, before, fault),
    version: before !== null && isGiven(input.version) ? input.version : undefined,
  }
}

/** @throws TripletexError 400, code 11000, when the selection does not fit the entity of the event. */
export function checkPlanFields({ draft }: Plan, before: Subscription | null, { host }: PlanContext): void {
  if (draft.types === undefined && draft.fields === undefined) return
  const catalogue = host.catalogue()
  const name = before === null ? undefined : eventNameOf(before, catalogue)
  const type =
    catalogue.find(draft.types?.[0] ?? '') ?? (name === undefined ? undefined : catalogue.byName('tripletex', name))
  readFields(draft.fields === undefined ? before?.fields : draft.fields, modelOf(type?.details.get('tripletex')))
}

/** The record after the plan, beyond what its draft says. @throws TripletexError 409, code 8000 */
export function appliedPlan(
  plan: Plan,
  changed: Subscription,
  before: Subscription,
  context: PlanContext,
): Subscription {
  if (plan.version !== undefined && plan.version !== before.version) {
    const text = `Version ${plan.version} was given, ${before.version} is stored. Read the object again.`
    throw new TripletexError('revision', `RevisionException: ${text}`)
  }
  const { secret, status } = plan
  const secrets =
    secret === undefined ? changed.secrets : secret === null ? [] : [context.host.secrets.signing(secret, before.id)]
  const next: Subscription = { ...changed, secrets }
  if (status === 'ACTIVE' && before.status !== 'active') {
    // Reading goes on where it stopped, so that nothing of the time between is missed.
    return { ...next, status: 'active', disabledReason: null, disabledAt: null, failingSince: null }
  }
  if (status === 'DISABLED') {
    const disabledAt = before.disabledAt ?? changed.updatedAt
    return { ...next, status: 'disabled', disabledReason: 'by_request', disabledAt }
  }
  return next
}

type ReportFault = (field: string, message: string) => void

/** "Rapid changes of one entity may be coalesced": of changes alone; each create and delete is sent. */
function isUpdate(type: EventType): boolean {
  return type.names.get('tripletex')?.endsWith('.update') ?? false
}

function eventType(
  { event }: SubscriptionInput,
  before: Subscription | null,
  { host, allows }: PlanContext,
  fault: ReportFault,
): EventType | undefined {
  if (event === undefined && before !== null) return undefined
  if (!isGiven(event) || event === '') {
    fault('event', 'Is required.')
    return undefined
  }
  const type = event.length > mostText ? undefined : host.catalogue().byNameIgnoringCase('tripletex', event)
  if (type && allows(type.type)) return type
  fault('event', event.length > mostText ? `May have up to ${mostText} characters.` : 'There is no such event.')
  return undefined
}

function targetUrl(
  { targetUrl: given }: SubscriptionInput,
  before: Subscription | null,
  { host }: PlanContext,
  fault: ReportFault,
): Pick<NonNullable<SubscriptionDraft['endpoint']>, 'url' | 'auth'> {
  if (given === undefined && before !== null) return {}
  if (!isGiven(given) || given === '') {
    fault('targetUrl', 'Is required.')
    return {}
  }
  // A client sends back what it got, where the password is hidden.
  if (before !== null && given === shownTargetUrl(before)) return {}
  const checked = given.length > mostText ? undefined : host.urls.check(given, { allowUserinfo: true })
  if (!checked?.ok) {
    fault(
      'targetUrl',
      given.length > mostText
        ? `May have up to ${mostText} characters.`
        : 'Must be an absolute https URL, to a public address, on an allowed port.',
    )
    return {}
  }
  const { url, credentials } = checked
  if (credentials) return { url, auth: { type: 'basic', ...credentials } }
  return before === null || before.endpoint.auth?.type === 'basic' ? { url, auth: null } : { url }
}

/** The first of the subscription's headers is the one that this interface knows. */
function authHeader(
  { authHeaderName, authHeaderValue }: SubscriptionInput,
  before: Subscription | null,
  { host }: PlanContext,
  fault: ReportFault,
): Pick<NonNullable<SubscriptionDraft['endpoint']>, 'headers'> {
  if (authHeaderName === undefined && authHeaderValue === undefined) return {}
  const [first, ...others] = before === null ? [] : headersOf(before, host)
  const name = authHeaderName === undefined ? (first?.[0] ?? null) : authHeaderName || null
  const value = authHeaderValue === undefined ? (first?.[1] ?? null) : authHeaderValue
  if (name === null) {
    if (isGiven(authHeaderValue) && authHeaderValue !== '') fault('authHeaderName', 'Is required with authHeaderValue.')
    return before === null || !first ? {} : { headers: Object.fromEntries(others) }
  }
  if (value === null) {
    fault('authHeaderValue', 'Is required with authHeaderName.')
    return {}
  }
  const isOurs = ['x-request-signature', 'idempotency-key'].includes(name.toLowerCase())
  const [wrong] = endpointHeaderFaults({ [name]: value }, '')
  if (isOurs) fault('authHeaderName', 'This header is set by the sender.')
  else if (value.length > mostValue) fault('authHeaderValue', `May have up to ${mostValue} characters.`)
  else if (wrong) fault(/value/.test(wrong.detail) ? 'authHeaderValue' : 'authHeaderName', wrong.detail)
  const rest = others.filter(([other]) => other.toLowerCase() !== name.toLowerCase())
  return { headers: Object.fromEntries([[name, value], ...rest]) }
}

function headersOf({ endpoint, id }: Subscription, host: PlanContext['host']): [name: string, value: string][] {
  return endpoint.headers === null ? [] : JSON.parse(host.secrets.unseal(endpoint.headers, id))
}

function hasTwoAuthorizations(
  { auth, headers }: Pick<NonNullable<SubscriptionDraft['endpoint']>, 'auth' | 'headers'>,
  before: Subscription | null,
): boolean {
  const names = headers === undefined ? (before?.endpoint.headerNames ?? []) : Object.keys(headers ?? {})
  const hasAuth = auth === undefined ? before !== null && before.endpoint.auth !== null : auth !== null
  return hasAuth && names.some((name) => name.toLowerCase() === 'authorization')
}

function wantedStatus(
  { status }: SubscriptionInput,
  before: Subscription | null,
  fault: ReportFault,
): 'ACTIVE' | 'DISABLED' | undefined {
  // A client sends back what it got, also a status that it could not set.
  if (!isGiven(status) || (before !== null && status === statusOf(before))) return undefined
  if (status === 'ACTIVE' || status === 'DISABLED') return status
  fault('status', 'Must be ACTIVE or DISABLED.')
  return undefined
}

function isGiven<T>(given: T | null | undefined): given is T {
  return given !== null && given !== undefined
}

function blankAsNull(text: string | null | undefined): string | null | undefined {
  return typeof text === 'string' && text.trim() === '' ? null : text
}
