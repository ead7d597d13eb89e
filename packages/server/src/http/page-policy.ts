import type { Appearance } from '../core/appearance/appearance.ts'
import { logoOrigin } from '../core/appearance/appearance.ts'

/** Pages of an integrator, which the application may show in a frame; all others stand in none. */
const portal = /^\/ui\/portal(\/|$)/

/**
 * What a page may do (Content Security Policy): run scripts of this server alone and none within the page, ask this
 * server alone, load nothing from elsewhere but a logo that the configuration names. Styles within the page are allowed:
 * the components write theirs so.
 *
 * @param frameAncestors origins whose pages may show the portal in a frame
 */
export function policyOf(path: string, frameAncestors: readonly string[], appearance: Appearance): string {
  const images = ["'self'", 'data:', ...(logoOrigin(appearance) === null ? [] : [logoOrigin(appearance)])]
  const ancestors = portal.test(path) && frameAncestors.length > 0 ? frameAncestors : ["'none'"]
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `img-src ${images.join(' ')}`,
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors.join(' ')}`,
  ].join('; ')
}
