import type { FieldError } from '../../core/errors.ts'
import type { Subscription } from '../../core/registry/registry.ts'

/**
 * The target URL as its client spelled it, without credentials: clients find their subscription again
 * by comparing it, and `https://example.com` is not `https://example.com/` to them.
 */
export interface TripletexSettings {
  readonly targetUrl?: string
}

const userinfo = /^(https?:\/\/)[^/?#@]*@/i

export function withoutUserinfo(url: string): string {
  return url.replace(userinfo, '$1')
}

/** As it is shown: the spelling that was given, while it is still that of the endpoint; never the password. */
export function shownTargetUrl({ endpoint, settings }: Pick<Subscription, 'endpoint' | 'settings'>): string {
  const { targetUrl } = settings as TripletexSettings
  const spelled = targetUrl !== undefined && URL.parse(targetUrl)?.href === endpoint.url ? targetUrl : endpoint.url
  if (endpoint.auth?.type !== 'basic') return spelled
  return spelled.replace('://', `://${encodeURIComponent(endpoint.auth.username)}:***@`)
}

/** The faults in the settings that a client gave. */
export function checkTripletexSettings(given: Readonly<Record<string, unknown>>): readonly FieldError[] {
  return Object.entries(given).flatMap(([name, value]): FieldError[] => {
    const pointer = `/settings/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (name !== 'targetUrl') {
      return [{ pointer, code: 'unknown_field', detail: 'Tripletex has one setting, `targetUrl`.' }]
    }
    const isSpelling = typeof value === 'string' && value.length <= 255 && !userinfo.test(value)
    if (isSpelling && URL.parse(value) !== null) return []
    return [
      { pointer, code: 'invalid_value', detail: "It is the endpoint's URL, as you spell it, without credentials." },
    ]
  })
}
