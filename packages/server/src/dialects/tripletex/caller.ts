import { readBasicCredentials } from '../../core/credential/basic-credentials.ts'
import { AppError } from '../../core/errors.ts'
import { type TenantId, tenantIdOfDigits } from '../../core/ids/tenant-id.ts'
import type { RateUse } from '../../core/limit/rate-limit.ts'
import type { DialectHost } from '../contract/host.ts'
import type { RequestLimits } from '../contract/limits.ts'
import { TripletexError } from './refusal.ts'
import type { TripletexCaller } from './request.ts'
import type { Sessions } from './sessions.ts'

/** `base64(<company id, 0 or blank>:<session token>)`, RFC 7617. `company` null: the access token's own. */
function readBasic(authorization: string | undefined): { company: TenantId | null; token: string } | undefined {
  const encoded = /^basic +(\S+) *$/i.exec(authorization ?? '')?.[1]
  const read = encoded === undefined ? undefined : readBasicCredentials(encoded)
  const digits = /^0*(\d{0,19})$/.exec(read?.id ?? '-')?.[1]
  if (digits === undefined || !read?.password) return undefined
  const company = digits === '' ? null : tenantIdOfDigits(digits)
  return company === undefined ? undefined : { company, token: read.password }
}

/**
 * Whose request it is. A company that is not the access token's own or below it is answered as a wrong token
 * is: which companies there are is nobody's to ask.
 * @throws TripletexError 401, 429
 */
export function callerOf(
  authorization: string | undefined,
  address: string,
  { tenants, limits }: Pick<DialectHost, 'tenants' | 'limits'>,
  sessions: Sessions,
): TripletexCaller {
  const basic = readBasic(authorization)
  const live = basic && sessions.read(basic.token)
  if (live) {
    const companyId = basic.company ?? live.grant.tenantId
    if (tenants.tenant(companyId) && tenants.isWithin(companyId, live.grant.tenantId)) {
      return { live, grant: live.grant, companyId }
    }
  }
  if (authorization !== undefined) refuseGuesses(address, limits)
  throw unauthorized()
}

export function unauthorized(): TripletexError {
  return new TripletexError('unauthorized', 'The company id or the token is not valid, or it has expired.')
}

/** Counts a wrong credential. @throws TripletexError 429 when its address gave too many. */
export function refuseGuesses(address: string, limits: RequestLimits): void {
  try {
    limits.wrongCredential(address)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const resetSeconds = error.retryAfterSeconds ?? 60
    throw new RateExceeded({
      waitSeconds: resetSeconds,
      limit: limits.wrongCredentialsPerMinute,
      remaining: 0,
      resetSeconds,
    })
  }
}

/** A 429 that knows its rate. */
export class RateExceeded extends TripletexError {
  readonly use: RateUse

  constructor(use: RateUse) {
    super('tooManyRequests', null, { retryAfterSeconds: use.waitSeconds })
    this.use = use
  }
}

/** `X-Rate-Limit-Reset`: seconds until a request is taken again, or until all of the limit is there. */
export function rateHeaders({ waitSeconds, limit, remaining, resetSeconds }: RateUse): Record<string, string> {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(waitSeconds > 0 ? 0 : remaining),
    'x-rate-limit-reset': String(waitSeconds > 0 ? waitSeconds : resetSeconds),
  }
}
