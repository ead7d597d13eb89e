import { createAuthorityFetch } from '../authorities/authority-fetch.ts'
import { introspectionAuthority } from '../authorities/introspection-authority.ts'
import { jwtAuthority } from '../authorities/jwt-authority.ts'
import type { AuthoritySettings } from '../authority-settings.ts'
import { Recogniser, type RecogniserDeps } from '../registry/recogniser.ts'

/** The application's own authorities, ready to be asked; each over connections of its own. */
export async function startRecogniser(
  settings: readonly AuthoritySettings[],
  deps: Omit<RecogniserDeps, 'authorities'>,
): Promise<Recogniser> {
  const authorities = settings.map((own) =>
    own.kind === 'jwt'
      ? jwtAuthority(own, { fetch: createAuthorityFetch(), clock: deps.clock })
      : introspectionAuthority(own, createAuthorityFetch()),
  )
  const recogniser = new Recogniser({ ...deps, authorities })
  await recogniser.start()
  return recogniser
}
