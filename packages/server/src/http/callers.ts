import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { RateLimit } from '../core/limit/rate-limit.ts'
import type { KeptCredential } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import {
  type Authentication,
  authenticate,
  authenticateWith,
  bearerOf,
  type CallerCredentials,
  callerOf,
  keptCredential,
  readCredentials,
} from '../registry/authenticate.ts'
import type { Directory } from '../registry/directory.ts'
import type { KnownCredentials } from '../registry/known-credentials.ts'
import { authorityUnavailable, type Recogniser } from '../registry/recogniser.ts'
import type { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import { passIn } from './session-cookie.ts'
import type { SessionPasses } from './session-passes.ts'

export interface CallersParts {
  readonly directory: Directory
  readonly recogniser: Pick<Recogniser, 'recognise'>
  readonly clock: Pick<Clock, 'now'>
  readonly known: Pick<KnownCredentials, 'context'>
  readonly sessions: Pick<SessionPasses, 'known' | 'authenticate'>
  readonly wrongKeys: WrongKeyLimit
  readonly requests: RateLimit
}

/** Tells who makes a native request: by the registry, by the application's own authority, or by a session. */
export class Callers {
  readonly #parts: CallersParts

  constructor(parts: CallersParts) {
    this.#parts = parts
  }

  /** Whether the credentials hold by what is known here and now; no authority is asked. */
  isKnown(request: FastifyRequest): boolean {
    return this.#known(request).kind !== 'none'
  }

  /** @throws AppError `unauthorized`, `forbidden`, `rate_limited`, `authority_unavailable` */
  async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    const { authorization } = request.headers
    const pass = authorization === undefined ? passIn(request) : undefined
    const authentication = pass
      ? this.#parts.sessions.authenticate(request, reply, pass)
      : await this.#recognised(() => this.#known(request), bearerOf(authorization), request.ip)
    return this.#admitted(authentication, request.ip)
  }

  /**
   * Who is to be signed in, and what their session keeps of the credentials.
   *
   * @throws AppError `unauthorized`, `rate_limited`, `authority_unavailable`
   */
  async signingIn(
    credentials: CallerCredentials,
    address: string,
  ): Promise<{ readonly caller: Caller; readonly kept: KeptCredential; readonly endsAtMs: number | undefined }> {
    const bearer = credentials.clientId === null ? credentials.secret : undefined
    const known = () => authenticateWith(credentials, this.#parts.known.context())
    const authentication = await this.#recognised(known, bearer, address)
    const caller = this.#admitted(authentication, address)
    const kept = keptCredential(credentials, this.#parts.known.context())
    if (!kept) throw this.wrongKey(address)
    return { caller, kept, endsAtMs: this.#endsAtMs(authentication) }
  }

  /** What a request that was let in keeps of its credentials, for a link that it makes. */
  keptOf(request: FastifyRequest): KeptCredential | undefined {
    // A portal's session stands on the credential of the operator who opened it, and passes nothing of that on.
    if (request.session) return request.session.session.portal ? undefined : request.session.session.credential
    const credentials = readCredentials(request.headers.authorization)
    return credentials && keptCredential(credentials, this.#parts.known.context())
  }

  /** Counts what was brought as a wrong key. */
  wrongKey(address: string): AppError {
    return this.#parts.wrongKeys.refusal(address, this.#parts.clock.now())
  }

  /** By what is known here and now. */
  #known(request: FastifyRequest): Authentication {
    const { authorization } = request.headers
    const pass = authorization === undefined ? passIn(request) : undefined
    return pass ? this.#parts.sessions.known(pass.sealed) : authenticate(authorization, this.#parts.known.context())
  }

  async #recognised(known: () => Authentication, bearer: string | undefined, address: string): Promise<Authentication> {
    const authentication = known()
    if (authentication.kind !== 'none' || bearer === undefined) return authentication
    const recognition = await this.#parts.recogniser.recognise(bearer, address)
    if (recognition === 'unavailable') throw authorityUnavailable()
    return recognition === 'known' ? known() : authentication
  }

  #admitted(authentication: Authentication, address: string): Caller {
    const caller = callerOf(authentication)
    if (authentication.kind === 'none' && authentication.reason === 'wrong') throw this.wrongKey(address)
    if (!caller) throw new AppError('unauthorized', 'A valid key is needed. Send it as `Authorization: Bearer <key>`.')
    const now = this.#parts.clock.now()
    const seconds = 'integrationId' in caller ? this.#parts.requests.take(caller.integrationId, now) : 0
    if (seconds === 0) return caller
    throw new AppError(
      'rate_limited',
      'This integration sends too many requests. Wait as many seconds as `Retry-After` says.',
      { retryAfterSeconds: seconds },
    )
  }

  #endsAtMs(authentication: Authentication): number | undefined {
    const { keys } = this.#parts.directory
    const end =
      authentication.kind === 'token'
        ? authentication.token.expiresAt
        : authentication.kind === 'portal'
          ? keys.get(authentication.keyId)?.portal?.expiresAt
          : undefined
    return end == null ? undefined : Date.parse(end)
  }
}
