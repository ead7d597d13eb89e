import type { FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import type { TokenGrant } from '../contract/credentials.ts'
import type { DialectHost } from '../contract/host.ts'
import { isObject } from './subscription-input.ts'

export interface Authenticated {
  readonly grant: TokenGrant
  /** It came as the body's own `api_token`, which then is not the receiver's. */
  readonly isFromBody: boolean
}

/**
 * The account by its access token: from `Authorization: Bearer`, else the query's `api_token`, else the
 * body's top-level one. The first that is there counts.
 *
 * @throws AppError `unauthorized`, `rate_limited`, `authority_unavailable`
 */
export async function authenticate(
  request: FastifyRequest,
  { credentials, limits }: Pick<DialectHost, 'credentials' | 'limits'>,
): Promise<Authenticated> {
  const { token, isFromBody } = credentialOf(request)
  const grant = typeof token === 'string' && token !== '' ? await credentials.grantOf(token, request.ip) : undefined
  if (!grant) {
    limits.wrongCredential(request.ip)
    throw new AppError('unauthorized', 'A valid api_token is needed.')
  }
  const { waitSeconds } = limits.useRequest(grant.integrationId)
  if (waitSeconds > 0) throw new AppError('rate_limited', 'too many requests', { retryAfterSeconds: waitSeconds })
  return { grant, isFromBody }
}

function credentialOf({ headers, query, body }: FastifyRequest): { token: unknown; isFromBody: boolean } {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')
  if (bearer) return { token: bearer[1], isFromBody: false }
  const asked = (query as Readonly<Record<string, unknown>>).api_token
  if (asked !== undefined) return { token: asked, isFromBody: false }
  return { token: isObject(body) ? body.api_token : undefined, isFromBody: true }
}
