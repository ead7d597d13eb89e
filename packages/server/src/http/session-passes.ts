import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type SealingKey, sealNonceBytes } from '../core/credential/seal.ts'
import { endOf, openPass, type SessionPass, sealPass, wantsRenewal } from '../core/credential/session-pass.ts'
import { AppError } from '../core/errors.ts'
import type { Session } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Authentication } from '../registry/authenticate.ts'
import type { Directory } from '../registry/directory.ts'
import type { KnownCredentials } from '../registry/known-credentials.ts'
import { authenticateSession } from '../registry/sessions.ts'
import { refuseForeign, requireSessionHeader } from './foreign-requests.ts'
import { type CookieName, clearPass, passIn, writePass } from './session-cookie.ts'

export interface SessionPassesParts {
  readonly directory: Directory
  readonly clock: Pick<Clock, 'now'>
  readonly known: Pick<KnownCredentials, 'context'>
  /** The first seals, every one opens. */
  readonly sealingKeys: readonly [SealingKey, ...SealingKey[]]
  /** Empty: nobody said. */
  readonly publicUrl: string
}

/** Tells who makes a request by the pass of a session. */
export class SessionPasses {
  readonly #parts: SessionPassesParts

  constructor(parts: SessionPassesParts) {
    this.#parts = parts
  }

  /** @param sealed the pass as the cookie has it */
  known(sealed: string): Authentication {
    const found = this.#open(sealed)
    return found === 'forged' || found === 'ended' ? nobody : found.authentication
  }

  /**
   * A pass that this server did not make counts as a wrong key; one that has ended is taken from the browser.
   *
   * @throws AppError `unauthorized`, `forbidden`
   */
  authenticate(
    request: FastifyRequest,
    reply: FastifyReply,
    { name, sealed }: { readonly name: CookieName; readonly sealed: string },
  ): Authentication {
    refuseForeign(request, this.#ownOrigin())
    const found = this.#open(sealed)
    if (found === 'forged' || found === 'ended') clearPass(reply, name)
    if (found === 'forged') return nobody
    if (found === 'ended') throw new AppError('unauthorized', 'The session has ended. Sign in again.')
    requireSessionHeader(request)
    const { pass, session, authentication } = found
    const nowMs = this.#parts.clock.now()
    const used = { ...pass, usedAtMs: nowMs }
    if (wantsRenewal(pass, nowMs)) writePass(reply, name, this.seal(used))
    request.session = { session, name, endsAtMs: endOf(used, Date.parse(session.expiresAt)) }
    return authentication
  }

  /** The session of a request, for what everybody may read; undefined: it has none that holds. */
  of(request: FastifyRequest): Session | undefined {
    const pass = passIn(request)
    const found = pass ? this.#open(pass.sealed) : 'ended'
    return found === 'forged' || found === 'ended' ? undefined : found.session
  }

  /** @throws AppError `forbidden` */
  refuseForeign(request: FastifyRequest): void {
    refuseForeign(request, this.#ownOrigin())
  }

  seal(pass: SessionPass): string {
    return sealPass(pass, this.#parts.sealingKeys[0], randomBytes(sealNonceBytes))
  }

  #open(sealed: string): 'forged' | 'ended' | { pass: SessionPass; session: Session; authentication: Authentication } {
    const { directory, sealingKeys, clock, known } = this.#parts
    const pass = openPass(sealed, sealingKeys)
    if (!pass) return 'forged'
    const session = directory.sessions.get(pass.sessionId)
    if (!session || clock.now() >= endOf(pass, Date.parse(session.expiresAt))) return 'ended'
    const authentication = authenticateSession(session, known.context())
    return authentication.kind === 'none' ? 'ended' : { pass, session, authentication }
  }

  #ownOrigin(): string {
    const { publicUrl } = this.#parts
    return publicUrl === '' ? '' : new URL(publicUrl).origin
  }
}

const nobody: Authentication = { kind: 'none', reason: 'wrong' }
