import type { FastifyRequest } from 'fastify'
import type { Appearance } from '../core/appearance/appearance.ts'
import { overlaid } from '../core/appearance/appearance.ts'
import type { Caller } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { KeptCredential } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import { type CallerCredentials, callerOf } from '../registry/authenticate.ts'
import type { RequestInput } from '../registry/faults.ts'
import type { KnownCredentials } from '../registry/known-credentials.ts'
import { createPortalLink } from '../registry/portal-links.ts'
import type { Registry } from '../registry/registry.ts'
import { authenticateSession, beginSession, endSession } from '../registry/sessions.ts'
import { createSignInLink, followSignInLink, signInLinkWith } from '../registry/sign-in-links.ts'
import type { Callers } from './callers.ts'
import type { CookieUse } from './session-cookie.ts'
import type { SessionPasses } from './session-passes.ts'

export interface SignInsParts {
  readonly registry: Registry
  readonly clock: Pick<Clock, 'now'>
  readonly callers: Pick<Callers, 'signingIn' | 'wrongKey' | 'keptOf'>
  readonly passes: Pick<SessionPasses, 'seal' | 'of'>
  readonly known: Pick<KnownCredentials, 'context'>
  /** Empty: nobody said. */
  readonly publicUrl: string
  /** Origins whose pages may show these in a frame. */
  readonly frameAncestors: readonly string[]
  readonly appearance: Appearance
}

/** A session that begins. */
export interface BegunSession {
  readonly caller: Caller
  /** The pass, sealed for the cookie. */
  readonly sealed: string
  readonly use: CookieUse
}

/** A link as it is shown, once. */
export interface ShownLink {
  readonly url: string
  readonly expiresAt: string
}

/** Signs people in and out of the pages, by their credentials or by links. */
export class SignIns {
  readonly #parts: SignInsParts

  constructor(parts: SignInsParts) {
    this.#parts = parts
  }

  /** @throws AppError `unauthorized`, `rate_limited`, `authority_unavailable` */
  async signIn(credentials: CallerCredentials, request: FastifyRequest): Promise<BegunSession> {
    const { callers, registry } = this.#parts
    const { caller, kept, endsAtMs } = await callers.signingIn(credentials, request.ip)
    request.caller = caller
    const { id } = await beginSession(registry, kept, endsAtMs)
    return { caller, sealed: this.#passOf(id), use: 'own' }
  }

  /** The same by a link. @throws AppError `unauthorized`, `rate_limited` */
  async follow(link: string, request: FastifyRequest): Promise<BegunSession> {
    const { callers, registry, known } = this.#parts
    const found = signInLinkWith(registry, link)
    const caller = found && callerOf(authenticateSession(found, known.context()))
    if (!caller) throw callers.wrongKey(request.ip)
    request.caller = caller
    const session = await followSignInLink(registry, link)
    // Somebody else was faster.
    if (!session) throw callers.wrongKey(request.ip)
    return {
      caller,
      sealed: this.#passOf(session.id),
      use: session.portal && this.#isFramed(request) ? 'framed' : 'own',
    }
  }

  signOut(sessionId: string): Promise<void> {
    return endSession(this.#parts.registry, sessionId)
  }

  /**
   * A link of a portal, whose holder's session may what the integration may.
   * @throws AppError `invalid_request`
   */
  async openPortal(input: RequestInput, request: FastifyRequest): Promise<ShownLink> {
    const { link, secret } = await createPortalLink(this.#parts.registry, this.#makerOf(request), input)
    return { url: `${this.#baseOf(request)}/ui/portal#${secret}`, expiresAt: link.expiresAt }
  }

  /** A link by which its holder is signed in as the operator who makes it. */
  async inviteOperator(seconds: number, request: FastifyRequest): Promise<ShownLink> {
    const of = { credential: this.#makerOf(request), portal: null }
    const { link, secret } = await createSignInLink(this.#parts.registry, of, seconds)
    return { url: `${this.#baseOf(request)}/ui/#${secret}`, expiresAt: link.expiresAt }
  }

  /** The application's looks, for whoever makes the request. */
  appearanceFor(request: FastifyRequest): Appearance {
    const { appearance, passes } = this.#parts
    return overlaid(appearance, passes.of(request)?.portal?.appearance ?? null)
  }

  #passOf(sessionId: string): string {
    return this.#parts.passes.seal({ sessionId, usedAtMs: this.#parts.clock.now() })
  }

  /** By a host other than this one: whether it is of another site only the list of public suffixes says. */
  #isFramed({ hostname }: FastifyRequest): boolean {
    return this.#parts.frameAncestors.some((origin) => new URL(origin.replace('*.', '')).hostname !== hostname)
  }

  #baseOf(request: FastifyRequest): string {
    const { publicUrl } = this.#parts
    return publicUrl === '' ? `${request.protocol}://${request.host}` : publicUrl
  }

  #makerOf(request: FastifyRequest): KeptCredential {
    const credential = this.#parts.callers.keptOf(request)
    if (credential) return credential
    throw new AppError('unauthorized', 'The key ended while the link was made. Use another one.')
  }
}
