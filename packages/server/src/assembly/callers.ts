import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { RateLimit } from '../core/limit/rate-limit.ts'
import type { KeptCredential } from '../core/registry/registry.ts'
import { passIn } from '../http/session-cookie.ts'
import {
  type Authentication,
  authenticate,
  authenticateWith,
  bearerOf,
  type Credentials,
  callerOf,
  keptCredential,
  readCredentials,
} from '../registry/authenticate.ts'
import { authorityUnavailable } from '../registry/recogniser.ts'
import type { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import { authenticationContext } from './authentication-context.ts'
import type { Foundation } from './foundation.ts'
import type { SessionCallers } from './session-callers.ts'

/** Tells who makes a native request: by the registry, by the application's own authority, or by a session. */
export class Callers {
  readonly #foundation: Foundation
  readonly #sessions: SessionCallers
  readonly #wrongKeys: WrongKeyLimit
  readonly #requests: RateLimit

  constructor(
    foundation: Foundation,
    parts: { readonly sessions: SessionCallers; readonly wrongKeys: WrongKeyLimit; readonly requests: RateLimit },
  ) {
    this.#foundation = foundation
    this.#sessions = parts.sessions
    this.#wrongKeys = parts.wrongKeys
    this.#requests = parts.requests
  }

  /** By what is known here and now; no authority is asked. */
  known(request: FastifyRequest): Authentication {
    const { authorization } = request.headers
    const pass = authorization === undefined ? passIn(request) : undefined
    return pass ? this.#sessions.known(pass.sealed) : authenticate(authorization, this.#context())
  }

  /** @throws AppError `unauthorized`, `forbidden`, `rate_limited`, `authority_unavailable` */
  async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    const { authorization } = request.headers
    const pass = authorization === undefined ? passIn(request) : undefined
    const authentication = pass
      ? this.#sessions.authenticate(request, reply, pass)
      : await this.#recognised(() => this.known(request), bearerOf(authorization), request.ip)
    return this.#admitted(authentication, request.ip)
  }

  /**
   * Who is to be signed in, and what their session keeps of the credentials.
   *
   * @throws AppError `unauthorized`, `rate_limited`, `authority_unavailable`
   */
  async signingIn(
    credentials: Credentials,
    address: string,
  ): Promise<{ readonly caller: Caller; readonly kept: KeptCredential; readonly endsAtMs: number | undefined }> {
    const bearer = credentials.clientId === null ? credentials.secret : undefined
    const known = () => authenticateWith(credentials, this.#context())
    const authentication = await this.#recognised(known, bearer, address)
    const caller = this.#admitted(authentication, address)
    const kept = keptCredential(credentials, this.#context())
    if (!kept) throw this.wrongKey(address)
    return { caller, kept, endsAtMs: this.#endsAtMs(authentication) }
  }

  /** What a request that was let in keeps of its credentials, for a link that it makes. */
  keptOf(request: FastifyRequest): KeptCredential | undefined {
    // A portal's session stands on the credential of the operator who opened it, and passes nothing of that on.
    if (request.session) return request.session.session.portal ? undefined : request.session.session.credential
    const credentials = readCredentials(request.headers.authorization)
    return credentials && keptCredential(credentials, this.#context())
  }

  /** Counts what was brought as a wrong key. */
  wrongKey(address: string): AppError {
    return this.#wrongKeys.refusal(address, this.#foundation.clock.now())
  }

  async #recognised(known: () => Authentication, bearer: string | undefined, address: string): Promise<Authentication> {
    const authentication = known()
    if (authentication.kind !== 'none' || bearer === undefined) return authentication
    const recognition = await this.#foundation.recogniser.recognise(bearer, address)
    if (recognition === 'unavailable') throw authorityUnavailable()
    return recognition === 'known' ? known() : authentication
  }

  #admitted(authentication: Authentication, address: string): Caller {
    const caller = callerOf(authentication)
    if (authentication.kind === 'none' && authentication.reason === 'wrong') throw this.wrongKey(address)
    if (!caller) throw new AppError('unauthorized', 'A valid key is needed. Send it as `Authorization: Bearer <key>`.')
    const now = this.#foundation.clock.now()
    const seconds = 'integrationId' in caller ? this.#requests.take(caller.integrationId, now) : 0
    if (seconds === 0) return caller
    throw new AppError(
      'rate_limited',
      'This integration sends too many requests. Wait as many seconds as `Retry-After` says.',
      { retryAfterSeconds: seconds },
    )
  }

  #endsAtMs(authentication: Authentication): number | undefined {
    const { keys } = this.#foundation.directory
    const end =
      authentication.kind === 'token'
        ? authentication.token.expiresAt
        : authentication.kind === 'portal'
          ? keys.get(authentication.keyId)?.portal?.expiresAt
          : undefined
    return end == null ? undefined : Date.parse(end)
  }

  #context() {
    return authenticationContext(this.#foundation)
  }
}
