import type { FieldError } from '../../core/errors.ts'
import { hasUserinfo } from './target-url.ts'

/**
 * The faults in the settings that a client gave natively. What this dialect keeps in `Subscription.settings`:
 *
 *   targetUrl  the target URL as its client spelled it, without credentials: clients find their subscription
 *              again by comparing it, and `https://example.com` is not `https://example.com/` to them
 */
export function checkTripletexSettings(given: Readonly<Record<string, unknown>>): readonly FieldError[] {
  return Object.entries(given).flatMap(([name, value]): FieldError[] => {
    const pointer = `/settings/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (name !== 'targetUrl') {
      return [{ pointer, code: 'unknown_field', detail: 'Tripletex has one setting, `targetUrl`.' }]
    }
    const isSpelling = typeof value === 'string' && value.length <= 255 && !hasUserinfo(value)
    if (isSpelling && URL.parse(value) !== null) return []
    return [
      { pointer, code: 'invalid_value', detail: "It is the endpoint's URL, as you spell it, without credentials." },
    ]
  })
}
