import { digitsOf } from '../../api/exact-json.ts'
import type { Tenants } from '../../api/subscription.ts'
import type { Speech } from '../../text/language.tsx'

export function tenantsText(tenants: Tenants, t: Speech['t']): string {
  if (tenants === 'granted') return t('tenants.granted')
  if ('subtree' in tenants) return t('tenants.subtree', { tenant: digitsOf(tenants.subtree) })
  const shown = tenants.slice(0, 5).map(digitsOf).join(', ')
  return tenants.length > 5 ? `${shown} ${t('andMore', { count: tenants.length - 5 })}` : shown
}
