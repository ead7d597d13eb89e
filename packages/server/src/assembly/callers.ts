import type { FastifyRequest } from 'fastify'
import type { Caller } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { RateLimit } from '../core/limit/rate-limit.ts'
import { type Authentication, authenticate, bearerOf, callerOf } from '../registry/authenticate.ts'
import { authorityUnavailable } from '../registry/recogniser.ts'
import type { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import type { Foundation } from './foundation.ts'

/** Tells who makes a native request: by the registry, or by the application's own authority. */
export class Callers {
  readonly #foundation: Foundation
  readonly #wrongKeys: WrongKeyLimit
  readonly #requests: RateLimit

  constructor(foundation: Foundation, limits: { readonly wrongKeys: WrongKeyLimit; readonly requests: RateLimit }) {
    this.#foundation = foundation
    this.#wrongKeys = limits.wrongKeys
    this.#requests = limits.requests
  }

  /** By what is known here and now; no authority is asked. */
  known(request: FastifyRequest): Authentication {
    const { config, directory, serverKeys, clock } = this.#foundation
    return authenticate(request.headers.authorization, {
      directory,
      adminKey: config.adminKey === '' ? undefined : config.adminKey,
      peppers: serverKeys.peppers,
      nowMs: clock.now(),
    })
  }

  /** @throws AppError `unauthorized`, `rate_limited`, `authority_unavailable` */
  async authenticate(request: FastifyRequest): Promise<Caller> {
    const { clock, recogniser } = this.#foundation
    let authentication = this.known(request)
    const bearer = authentication.kind === 'none' ? bearerOf(request.headers.authorization) : undefined
    if (bearer !== undefined) {
      const recognition = await recogniser.recognise(bearer, request.ip)
      if (recognition === 'unavailable') throw authorityUnavailable()
      if (recognition === 'known') authentication = this.known(request)
    }
    const caller = callerOf(authentication)
    if (authentication.kind === 'none' && authentication.reason === 'wrong') {
      throw this.#wrongKeys.refusal(request.ip, clock.now())
    }
    if (!caller) throw new AppError('unauthorized', 'A valid key is needed. Send it as `Authorization: Bearer <key>`.')
    const seconds = 'integrationId' in caller ? this.#requests.take(caller.integrationId, clock.now()) : 0
    if (seconds === 0) return caller
    throw new AppError(
      'rate_limited',
      'This integration sends too many requests. Wait as many seconds as `Retry-After` says.',
      { retryAfterSeconds: seconds },
    )
  }
}
