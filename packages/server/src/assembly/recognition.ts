import type { AuthoritySettings } from '../config/sections/authorities.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Authority } from '../registry/authority.ts'
import { Recogniser, type RecogniserDeps } from '../registry/recogniser.ts'

/** The application's own authorities, ready to be asked; each over connections of its own. */
export async function createRecogniser(
  settings: readonly AuthoritySettings[],
  deps: Omit<RecogniserDeps, 'authorities'>,
): Promise<Recogniser> {
  const authorities = await Promise.all(settings.map((own) => authorityOf(own, deps.clock)))
  return new Recogniser({ ...deps, authorities })
}

/** Loaded where there is one: most servers know no tokens but their own, and the HTTP client takes 5 MB. */
async function authorityOf(own: AuthoritySettings, clock: Clock): Promise<Authority> {
  const { createAuthorityFetch } = await import('../authorities/authority-fetch.ts')
  const means = { fetch: createAuthorityFetch(), clock }
  switch (own.kind) {
    case 'jwt':
      return (await import('../authorities/jwt-authority.ts')).jwtAuthority(own, means)
    case 'introspection':
      return (await import('../authorities/introspection-authority.ts')).introspectionAuthority(own, means)
    default:
      return own satisfies never
  }
}
