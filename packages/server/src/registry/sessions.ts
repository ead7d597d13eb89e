import { sessionMs } from '../core/credential/session-pass.ts'
import type { KeptCredential, PortalScope, Session } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import { type Authentication, type AuthenticationContext, authenticateKept } from './authenticate.ts'
import type { Directory } from './directory.ts'
import type { Registry } from './registry.ts'
import type { RegistryWrite } from './registry-store.ts'
import { dropRecord, putRecord } from './writes.ts'

/**
 * Sessions of one credential, or of all portals of one integration. One more ends the one that would end first, so that
 * whoever signs in again and again fills no store, and ends nobody's sessions but its own.
 */
const mostOfOne = 1_000

/** Signs in with a credential that was found to be good. @param endsAtMs when the credential itself ends, if it does */
export function beginSession(registry: Registry, credential: KeptCredential, endsAtMs?: number): Promise<Session> {
  return registry.change((directory) => {
    const session = newSession(registry, { credential, portal: null }, endsAtMs)
    return { writes: sessionWrites(registry, directory, session), result: session }
  })
}

/** Signs out. What is gone already stays so. */
export function endSession(registry: Registry, id: string): Promise<void> {
  return registry.change((directory) => ({
    writes: directory.sessions.get(id) ? [dropRecord('session', id)] : [],
    result: undefined,
  }))
}

/** Who a session speaks for now: it is good for no longer than what was signed in with. */
export function authenticateSession(
  { credential, portal, expiresAt }: Pick<Session, 'credential' | 'portal' | 'expiresAt'>,
  context: AuthenticationContext,
): Authentication {
  const holder = authenticateKept(credential, context)
  if (context.nowMs >= Date.parse(expiresAt)) return ended
  if (portal === null || holder.kind === 'none') return holder
  const integration = context.directory.integrations.get(portal.integrationId)
  const isOpen = holder.kind === 'operator' && integration !== undefined
  return isOpen ? { kind: 'integration', integration, tenantId: portal.tenantId } : ended
}

const ended: Authentication = { kind: 'none', reason: 'wrong' }

export function newSession(
  registry: Registry,
  of: { readonly credential: KeptCredential; readonly portal: PortalScope | null },
  endsAtMs = Number.POSITIVE_INFINITY,
): Session {
  const nowMs = registry.nowMs()
  return {
    id: registry.newId('ses'),
    ...of,
    createdAt: registry.now(),
    expiresAt: formatRfc3339(Math.min(nowMs + sessionMs, endsAtMs)),
  }
}

/** The new session; what has ended goes with it. */
export function sessionWrites(registry: Registry, directory: Directory, session: Session): RegistryWrite[] {
  const nowText = registry.now()
  const owner = ownerOf(session)
  const isPast = ({ expiresAt }: Session) => expiresAt <= nowText
  const all = [...directory.sessions.values()]
  const own = all.filter((other) => !isPast(other) && ownerOf(other) === owner)
  const tooMany = own.length >= mostOfOne ? [own.reduce((a, b) => (b.expiresAt < a.expiresAt ? b : a))] : []
  return [
    putRecord('session', session, 0),
    ...[...all.filter(isPast), ...tooMany].map(({ id }) => dropRecord('session', id)),
  ]
}

function ownerOf({ credential, portal }: Session): string {
  return portal?.integrationId ?? credential.hash
}
