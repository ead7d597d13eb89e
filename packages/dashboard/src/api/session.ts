import { queryOptions } from '@tanstack/react-query'
import { ask } from './http.ts'
import { Problem } from './problem.ts'
import type { TenantId } from './tenant-id.ts'

export interface Session {
  readonly kind: 'operator' | 'publisher' | 'integrator' | 'portal'
  readonly integrationId?: string
  readonly tenantId?: TenantId
  readonly may: readonly string[]
  readonly expiresAt: string | null
}

/** Null: nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await ask<Session>('GET', '/v1/session', { signal })
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null
      throw error
    }
  },
  staleTime: 60_000,
})

export type Credentials =
  | { readonly key: string }
  | { readonly clientId: string; readonly clientSecret: string }
  | { readonly link: string }

export const signIn = (credentials: Credentials) => ask<void>('POST', '/v1/session', { body: credentials })
export const signOut = () => ask<void>('DELETE', '/v1/session')
