import type { TenantId } from '../../core/ids/tenant-id.ts'
import { asciiJson } from '../../core/json/json.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { CommandFault } from './commands.ts'

/**
 * Replies, as JSON text in ASCII, `response` and `result` first. None has a `tenantId`: by that
 * field alone clients tell events from replies.
 */
export const replies = {
  ok: (response: string) => text({ response, result: 'ok' }),
  /** Written by hand, because an object would reorder tokens that look like numbers and trip over `__proto__`. */
  tenantsAdded: (tenantIds: Iterable<readonly [token: string, tenantId: TenantId]>) => {
    const pairs = Array.from(tenantIds, ([token, tenantId]) => `${JSON.stringify(token)}:${tenantId}`)
    return asciiJson(`{"response":"add-tenants-v1","result":"ok","tenantIds":{${pairs.join()}}}`)
  },
  invalidTokens: (invalidTokens: readonly string[]) =>
    text({ response: 'add-tenants-v1', result: 'error', invalidTokens }),
  invalidTenants: (invalidTenants: readonly TenantId[]) =>
    text({ response: 'remove-tenants-v1', result: 'error', invalidTenants }),
  tenants: (tenantIds: readonly TenantId[]) => text({ response: 'list-tenants-v1', result: 'ok', tenantIds }),
  invalidTopics: (invalidTopics: readonly string[], message: string) =>
    text({ response: 'add-topics-v1', result: 'error', invalidTopics, message }),
  fault: ({ response, message }: CommandFault) => text({ response, result: 'error', message }),
  /** Nobody asked for this one. It says `tenants`, because a real client reads `tenantIds` as a map. */
  tenantsRemoved: (tenants: readonly TenantId[], reason: RemovalReason) =>
    text({ response: 'tenants-removed-v1', result: 'ok', tenants, reason }),
}

export type RemovalReason = 'token-expired' | 'token-revoked'

function text(reply: object): string {
  return asciiJson(jsonText(reply))
}
