import { exactNumber, parseExact } from '../../api/exact-json.ts'
import type { SubscriptionDraft } from '../../api/subscription.ts'
import type { TextKey } from '../../text/text.ts'

export interface Draft {
  readonly integrationId: string
  readonly dialect: string
  readonly types: readonly string[]
  /** Empty: all that granted it. */
  readonly tenants: readonly string[]
  readonly url: string
  readonly description: string
  /** JSON, as it was typed. */
  readonly filter: string
}

export const emptyDraft: Draft = {
  integrationId: '',
  dialect: 'standard',
  types: [],
  tenants: [],
  url: '',
  description: '',
  filter: '',
}

/** What has to be given before it can be made; null: nothing. */
export function missingOf({ integrationId, types, url, filter }: Draft, needsIntegration: boolean): TextKey | null {
  if (needsIntegration && integrationId === '') return 'wizard.needsIntegration'
  if (types.length === 0) return 'wizard.needsTypes'
  if (!URL.canParse(url)) return 'wizard.needsUrl'
  return isFilter(filter) ? null : 'wizard.needsFilter'
}

/** @throws SyntaxError when the filter is not JSON: `missingOf` tells before */
export function draftBody({
  integrationId,
  dialect,
  types,
  tenants,
  url,
  description,
  filter,
}: Draft): SubscriptionDraft {
  return {
    ...(integrationId === '' ? {} : { integrationId }),
    dialect,
    types,
    ...(tenants.length === 0 ? {} : { tenants: tenants.map(exactNumber) }),
    ...(filter.trim() === '' ? {} : { filter: parseExact(filter) }),
    ...(description === '' ? {} : { description }),
    endpoint: { url },
  }
}

/** An object, or nothing. */
export function isFilter(text: string): boolean {
  if (text.trim() === '') return true
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
