import type { FastifyRequest } from 'fastify'
import { AppError } from '../core/errors.ts'
import { knownMethods } from './caller-guard.ts'
import { isHost } from './request-target.ts'

const maxHeaders = 200

/** Refuses requests of forms that none of our routes needs and that attacks rely on. */
export function refuseOddRequests(request: FastifyRequest): void {
  const { rawHeaders } = request.raw
  if (rawHeaders.length / 2 > maxHeaders) {
    throw new AppError('headers_too_large', `A request may have up to ${maxHeaders} headers.`)
  }
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
  if (hosts > 1 || (hosts === 0 && request.raw.httpVersion !== '1.0')) {
    throw new AppError('malformed_request', 'A request must have exactly one Host header.')
  }
  if (!isHost(request.raw.headers.host ?? '')) {
    throw new AppError('malformed_request', 'The Host header must be a name or an address, with an optional port.')
  }
  if (!knownMethods.includes(request.method)) {
    throw new AppError('not_implemented', `The server knows the methods ${knownMethods.join(', ')}.`)
  }
  const coding = request.raw.headers['transfer-encoding']
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    throw new AppError('not_implemented', 'Of transfer codings the server knows chunked alone.')
  }
  if (!request.raw.url?.startsWith('/')) {
    throw new AppError('malformed_request', 'The request target must be a path.')
  }
}

/** What a client makes its request depend on, though no resource here has an entity tag: no such tag is current. */
export function refuseConditions(request: FastifyRequest): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers
  const hasWrongTag = match !== undefined && match.trim() !== '*'
  const isCreationAlone = noneMatch?.trim() === '*' && request.method !== 'GET'
  if (request.method !== 'OPTIONS' && (hasWrongTag || isCreationAlone)) {
    throw new AppError(
      'precondition_failed',
      'Resources here have no entity tags, so that this condition never holds. Send the request without If-Match and If-None-Match.',
    )
  }
}
