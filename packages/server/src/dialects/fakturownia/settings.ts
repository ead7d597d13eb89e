import type { FieldError } from '../../core/errors.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import { pointerTo } from '../../core/json/json-pointer.ts'
import type { Subscription } from '../../core/registry/registry.ts'

export const locales = ['pl', 'en'] as const
export type Locale = (typeof locales)[number]
export type FakturowniaMethod = 'POST' | 'GET'

type Given = Readonly<Record<string, unknown>>

function isLocale(value: unknown): value is Locale {
  return (locales as readonly unknown[]).includes(value)
}

/** What this dialect keeps in `Subscription.settings`. */
export function methodOf({ settings }: Pick<Subscription, 'settings'>): FakturowniaMethod {
  return settings.method === 'GET' ? 'GET' : 'POST'
}

/** The faults in the settings that a client gave; there is one, `method`. */
export function checkFakturowniaSettings(given: Given): readonly FieldError[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const pointer = pointerTo('/settings', name)
    if (name !== 'method') return [{ pointer, code: 'unknown_field', detail: 'Fakturownia has one setting, `method`.' }]
    if (value === 'POST' || value === 'GET') return []
    return [{ pointer, code: 'invalid_value', detail: '`method` must be "POST" or "GET".' }]
  })
}

/** The name of the application in every body: what the operator says, or the vendor's own. */
export function appNameOf(operator: Given | undefined): string {
  return typeof operator?.appName === 'string' ? operator.appName : 'fakturownia'
}

/** The locale of an account, when the operator has named it. */
export function accountLocale(operator: Given | undefined, tenantId: TenantId): Locale | undefined {
  const accounts = operator?.locales
  const own = typeof accounts === 'object' && accounts !== null ? (accounts as Given)[String(tenantId)] : undefined
  return isLocale(own) ? own : undefined
}

/** The locale of accounts that have none of their own. */
export function defaultLocale(operator: Given | undefined): Locale {
  return isLocale(operator?.locale) ? operator.locale : 'pl'
}

/** `appName`, `locale`, and `locales` by account, as `{29302: en}`. */
export function checkFakturowniaOperatorSettings(given: Given): readonly FieldError[] {
  const detail = `must be ${locales.join(' or ')}`
  return Object.entries(given).flatMap(([name, value]): FieldError[] => {
    const pointer = pointerTo('', name)
    switch (name) {
      case 'appName': {
        const isName = typeof value === 'string' && value.length > 0 && value.length <= 255 && value.isWellFormed()
        return isName ? [] : [{ pointer, code: 'invalid_value', detail: 'must be a text of 1 to 255 characters' }]
      }
      case 'locale':
        return isLocale(value) ? [] : [{ pointer, code: 'invalid_value', detail }]
      case 'locales':
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
          return [{ pointer, code: 'invalid_type', detail: 'must be a mapping of accounts to locales' }]
        }
        return Object.entries(value)
          .filter(([account, locale]) => !/^[1-9]\d*$/.test(account) || !isLocale(locale))
          .map(([account]) => ({ pointer: pointerTo(pointer, account), code: 'invalid_value', detail }))
      default:
        return [{ pointer, code: 'unknown_field', detail: 'is not a setting; there are appName, locale and locales' }]
    }
  })
}
