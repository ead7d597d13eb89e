import type { FastifyRequest } from 'fastify'
import type { TokenGrant } from '../contract/credentials.ts'
import type { DialectHost } from '../contract/host.ts'
import { refusals } from './refusal.ts'

/**
 * The grant of the access token in `Authorization: Bearer`.
 * @throws MoneybirdRefusal 401; AppError `rate_limited`, `authority_unavailable`
 */
export async function grantOfRequest(
  request: FastifyRequest,
  { credentials, limits }: Pick<DialectHost, 'credentials' | 'limits'>,
): Promise<TokenGrant> {
  const token = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  const grant = token === undefined ? undefined : await credentials.grantOf(token, request.ip)
  if (grant) return grant
  if (token !== undefined) limits.wrongCredential(request.ip)
  throw refusals.unauthorized()
}
