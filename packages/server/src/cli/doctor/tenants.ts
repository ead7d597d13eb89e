import { Tidings, type UnknownTenant } from '@tidings/client'
import { type Check, ok, warn } from './check.ts'

const name = 'tenants'
/** So many are named. */
const mostNamed = 5

/** Asks a running server for which tenants events came that nobody has created. Silent without the operator's key. */
export async function checkTenants(url: string, key: string): Promise<readonly Check[]> {
  if (key === '') return []
  const client = new Tidings({ url, key, maxAttempts: 1 })
  let unknown: readonly UnknownTenant[]
  try {
    unknown = await client.tenants.unknown()
  } catch {
    // The check of the subscriptions asks the same server with the same key, and tells why it does not answer.
    return []
  }
  if (unknown.length === 0) return [ok(name, 'every event came for a tenant that exists')]
  const events = unknown.reduce((sum, tenant) => sum + tenant.events, 0)
  const named = unknown.slice(0, mostNamed).map(({ tenantId }) => String(tenantId))
  const list = named.join(', ') + (unknown.length > named.length ? ', …' : '')
  return [
    warn(name, `tenants that do not exist: ${list} (events that came for them: ${events})`, {
      why: 'No webhook is sent for these events: a tenant that does not exist has granted nothing to anybody.',
      advice: `Create the tenant, tidings tenants create ${named[0]} <name>, or correct the tenantId in the publisher. To refuse such events: TIDINGS_TENANTS=strict`,
    }),
  ]
}
