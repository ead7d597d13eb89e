import type { FastifyRequest } from 'fastify'
import { overlaid } from '../core/appearance/appearance.ts'
import { AppError } from '../core/errors.ts'
import type { Callers } from '../http/callers.ts'
import type { SessionRoutesDeps } from '../http/routes/sessions.ts'
import { callerOf } from '../registry/authenticate.ts'
import { createPortalLink } from '../registry/portal-links.ts'
import { authenticateSession, beginSession, endSession } from '../registry/sessions.ts'
import { createSignInLink, followSignInLink, signInLinkWith } from '../registry/sign-in-links.ts'
import { authenticationContext } from './authentication-context.ts'
import type { Foundation } from './foundation.ts'
import type { SessionCallers } from './session-callers.ts'

/** What the routes of sessions stand on. */
export function sessionRouteDeps(
  foundation: Foundation,
  callers: Callers,
  sessions: SessionCallers,
): SessionRoutesDeps {
  const { config, registry, clock } = foundation
  /** Of other hosts than this one: whether they are of another site only the list of public suffixes says. */
  const isFramed = ({ hostname }: FastifyRequest) =>
    config.frameAncestors.some((origin) => new URL(origin.replace('*.', '')).hostname !== hostname)
  const baseOf = (request: FastifyRequest) =>
    config.publicUrl === '' ? `${request.protocol}://${request.host}` : config.publicUrl
  const makerOf = (request: FastifyRequest) => {
    const credential = callers.keptOf(request)
    if (credential) return credential
    throw new AppError('unauthorized', 'The key ended while the link was made. Use another one.')
  }
  const passOf = (sessionId: string) => sessions.seal({ sessionId, usedAtMs: clock.now() })
  return {
    refuseForeign: (request) => sessions.refuseForeign(request),
    async signIn(credentials, request) {
      const { caller, kept, endsAtMs } = await callers.signingIn(credentials, request.ip)
      request.caller = caller
      const { id } = await beginSession(registry, kept, endsAtMs)
      return { caller, sealed: passOf(id), use: 'own' }
    },
    async follow(link, request) {
      const found = signInLinkWith(registry, link)
      const caller = found && callerOf(authenticateSession(found, authenticationContext(foundation)))
      if (!caller) throw callers.wrongKey(request.ip)
      request.caller = caller
      const session = await followSignInLink(registry, link)
      // Somebody else was faster.
      if (!session) throw callers.wrongKey(request.ip)
      return { caller, sealed: passOf(session.id), use: session.portal && isFramed(request) ? 'framed' : 'own' }
    },
    appearanceFor: (request) => overlaid(config.appearance, sessions.of(request)?.portal?.appearance ?? null),
    async openPortal(input, request) {
      const { link, secret } = await createPortalLink(registry, makerOf(request), input)
      return { url: `${baseOf(request)}/ui/portal#${secret}`, expiresAt: link.expiresAt }
    },
    async inviteOperator(seconds, request) {
      const of = { credential: makerOf(request), portal: null }
      const { link, secret } = await createSignInLink(registry, of, seconds)
      return { url: `${baseOf(request)}/ui/#${secret}`, expiresAt: link.expiresAt }
    },
    signOut: (sessionId) => endSession(registry, sessionId),
  }
}
