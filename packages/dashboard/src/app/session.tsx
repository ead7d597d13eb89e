import { createContext, use } from 'react'
import type { Session } from '../api/session.ts'

export const SessionContext = createContext<Session | null>(null)

/** Who is signed in. Pages are shown to somebody alone. */
export function useSession(): Session {
  const session = use(SessionContext)
  if (session === null) throw new Error('a page is shown to nobody')
  return session
}

export type Right = 'operate' | 'publish' | 'read' | 'subscribe'

export function useMay(right: Right): boolean {
  return useSession().may.includes(right)
}
