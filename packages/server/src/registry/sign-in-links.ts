import type { KeptCredential, PortalScope, Session, SignInLink } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { Registry } from './registry.ts'
import { newSession, sessionWrites } from './sessions.ts'
import { dropRecord, putRecord } from './writes.ts'

/** Links of one maker. One more ends the one that would end first. */
const mostOfOne = 10_000

/**
 * A link that becomes a session, once: of whoever makes it, or of a portal.
 *
 * @returns its secret, to be shown once
 */
export function createSignInLink(
  registry: Registry,
  of: { readonly credential: KeptCredential; readonly portal: PortalScope | null },
  seconds: number,
): Promise<{ readonly link: SignInLink; readonly secret: string }> {
  return registry.change((directory) => {
    const secret = registry.newKey('link')
    const nowText = registry.now()
    const link: SignInLink = {
      id: registry.newId('lnk'),
      hash: registry.hash(secret),
      ...of,
      createdAt: nowText,
      expiresAt: formatRfc3339(registry.nowMs() + seconds * 1_000),
    }
    const all = [...directory.signInLinks.values()]
    const past = all.filter(({ expiresAt }) => expiresAt <= nowText)
    const own = all.filter(({ expiresAt, credential }) => expiresAt > nowText && credential.hash === of.credential.hash)
    const tooMany = own.length >= mostOfOne ? [own.reduce((a, b) => (b.expiresAt < a.expiresAt ? b : a))] : []
    const drops = [...past, ...tooMany].map(({ id }) => dropRecord('signInLink', id))
    return { writes: [putRecord('signInLink', link, 0), ...drops], result: { link, secret } }
  })
}

/** The link with this secret; undefined: there is none, it has ended, or it was used. */
export function signInLinkWith(registry: Registry, secret: string): SignInLink | undefined {
  return registry
    .hashes(secret)
    .map((hash) => registry.directory.signInLinks.withKey(hash))
    .find((link) => link !== undefined && link.expiresAt > registry.now())
}

/**
 * The session that a link becomes; undefined as above. The link goes in the
 * same commit as the session comes, so of two who follow it at once, on two nodes too, one gets in.
 */
export function followSignInLink(registry: Registry, secret: string): Promise<Session | undefined> {
  return registry.change<Session | undefined>((directory) => {
    const link = signInLinkWith(registry, secret)
    if (!link) return { writes: [], result: undefined }
    const { credential, portal } = link
    const session = newSession(registry, { credential, portal })
    return {
      writes: [
        dropRecord('signInLink', link.id, directory.revisionOf('signInLink', link.id)),
        ...sessionWrites(registry, directory, session),
      ],
      result: session,
    }
  })
}
