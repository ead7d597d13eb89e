import type { FastifyRequest } from 'fastify'
import { isLoopbackName } from '../core/address/loopback-name.ts'
import { AppError } from '../core/errors.ts'

/** Pages send it with what changes something: no form can, and no page of another origin without being allowed to. */
const sessionHeader = 'x-tidings-session'

/**
 * Refuses what the pages of another origin make a browser send, with the cookie that it keeps for this server
 * (cross-site request forgery). Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); other clients say
 * neither, and have no cookies of somebody else.
 *
 * @param ownOrigin by which browsers know this server behind a proxy that changes `Host`; empty: they know it by `Host`
 * @throws AppError `forbidden`
 */
export function refuseForeign(request: FastifyRequest, ownOrigin: string): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isReading = request.method === 'GET' || request.method === 'OPTIONS'
  // `none`: the user typed the address, or opened a bookmark.
  const isOwnSite = site === undefined || site === 'same-origin' || (isReading && site === 'none')
  const isOwnOrigin = origin === undefined || origin === ownOrigin || hostIn(origin) === request.host.toLowerCase()
  if (isOwnSite && isOwnOrigin) return
  throw new AppError(
    'forbidden',
    'A page of another origin sent this request. Send it from the pages of this server. If it came from there, let your proxy keep the Host header, or set publicUrl to the address that browsers use.',
  )
}

/** @throws AppError `forbidden` when a request by a session changes something and does not say that it means to. */
export function requireSessionHeader(request: FastifyRequest): void {
  if (request.method === 'GET' || request.headers[sessionHeader] === '1') return
  throw new AppError(
    'forbidden',
    'A request that changes something with a session needs the header `X-Tidings-Session: 1`.',
  )
}

/** @throws AppError `forbidden` where no browser would keep the session's cookie. */
export function requireSafeOrigin(request: FastifyRequest): void {
  const { origin } = request.headers
  if (!origin?.startsWith('http:') || isLoopbackName(request.hostname)) return
  throw new AppError(
    'forbidden',
    'Browsers keep a session over https, or over http on this machine (http://localhost). Open the pages by one of the two.',
  )
}

/** As `Host` has it: without the port that is the scheme's own. */
function hostIn(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
