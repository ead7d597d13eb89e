import { type Session, sessionQuery, signIn } from '../api/session.ts'
import { queryClient } from './query-client.ts'

/** What stands behind the `#` of such a link; anything else there is a place on the page. */
const form = /^tid_link_/

/** What came of the link in the address. */
export type Followed = { readonly failure: Error } | { readonly path: string } | null

/**
 * Signs in with the link of the address, before anything is shown. A link is good once, so this runs once, and the
 * link leaves the address at once: neither the history nor a reload has it.
 */
export async function followSignInLink(): Promise<Followed> {
  const link = location.hash.slice(1)
  if (!form.test(link)) return null
  try {
    await signIn({ link })
    const session = await queryClient.fetchQuery(sessionQuery)
    return { path: firstPath(session) }
  } catch (error) {
    return { failure: error instanceof Error ? error : new Error(String(error)) }
  } finally {
    history.replaceState(null, '', location.pathname)
  }
}

/** Where somebody begins: an operator with what needs attention, an integrator with its subscriptions. */
export function firstPath(session: Session | null): '/' | '/events' | '/subscriptions' {
  if (session?.may.includes('operate')) return '/'
  return session?.kind === 'publisher' ? '/events' : '/subscriptions'
}
