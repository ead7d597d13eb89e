import { checkAppearance } from '../core/appearance/appearance.ts'
import type { KeptCredential, SignInLink } from '../core/registry/registry.ts'
import { Faults, type RequestInput } from './faults.ts'
import type { Registry } from './registry.ts'
import { createSignInLink } from './sign-in-links.ts'

const defaultSeconds = 300
const seconds = { min: 10, max: 3_600 } as const

/**
 * `{integrationId, tenantId?, expiresInSeconds?, appearance?}`: a link that the operator hands to the integration's integrator.
 *
 * @param credential of the operator who makes it
 * @throws AppError `invalid_request`
 */
export async function createPortalLink(
  registry: Registry,
  credential: KeptCredential,
  input: RequestInput,
): Promise<{ readonly link: SignInLink; readonly secret: string }> {
  const { directory } = registry
  const faults = new Faults(input, ['integrationId', 'tenantId', 'expiresInSeconds', 'appearance'])
  const integrationId = faults.text('integrationId', 255, true)
  const tenantId = faults.tenantId('tenantId', false) ?? null
  const lasting = faults.integer('expiresInSeconds', seconds.min, seconds.max) ?? defaultSeconds
  if (integrationId !== undefined && !directory.integrations.get(integrationId)) {
    faults.add('integrationId', 'unknown_integration', 'There is no such integration; create it first.')
  }
  if (tenantId !== null && !directory.tenant(tenantId)) {
    faults.add('tenantId', 'unknown_tenant', 'There is no such tenant; create it first.')
  }
  const appearance = faults.isGiven('appearance') ? checkAppearance(input.appearance, false) : null
  // Its faults stand deeper than one field.
  for (const { pointer, detail } of appearance?.faults ?? []) {
    faults.addAt(`/appearance${pointer}`, 'invalid_value', `It ${detail}.`)
  }
  faults.refuse()
  const portal = { integrationId: integrationId!, tenantId, appearance: appearance?.appearance ?? null }
  return createSignInLink(registry, { credential, portal }, lasting)
}
