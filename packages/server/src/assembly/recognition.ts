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
  const authorities = settings.map((own) => {
    const means = { fetch: createAuthorityFetch(), clock: deps.clock }
    return own.kind === 'jwt' ? jwtAuthority(own, means) : introspectionAuthority(own, means)
  })
  const recogniser = new Recogniser({ ...deps, authorities })
  await recogniser.start()
  return recogniser
}
