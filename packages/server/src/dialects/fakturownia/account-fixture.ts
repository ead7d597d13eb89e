import { expect } from 'vitest'
import type { TenantId } from '../../core/tenant-id.ts'
import {
  type Answer,
  grantedTenant,
  type LiveReceiver,
  type LiveServer,
  startLiveReceiver,
  startLiveServer,
} from '../live-fixture.ts'

export interface Account {
  readonly server: LiveServer
  readonly receiver: LiveReceiver
  readonly token: string
  readonly tenantId: TenantId
  readonly integrationId: string
  /** With the account's token in the query, as the vendor's own examples have it. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  publish(type: string, event?: object): Promise<void>
}

export async function startAccount(file?: string): Promise<Account> {
  const server = await startLiveServer(file === undefined ? {} : { file })
  const receiver = await startLiveReceiver(server.clock)
  return joinAccount(server, receiver, 7)
}

export async function joinAccount(server: LiveServer, receiver: LiveReceiver, tenantId: TenantId): Promise<Account> {
  const { token, integrationId } = await grantedTenant(server, { tenantId })
  return {
    server,
    receiver,
    token,
    tenantId,
    integrationId,
    call: (method, path, body, headers = {}) =>
      server.call(method, `${path}${path.includes('?') ? '&' : '?'}api_token=${token}`, { body, headers }),
    async publish(type, event = {}) {
      await server.operate('POST', '/v1/events', { tenantId, type, entityId: '111', ...event })
    },
  }
}

export interface ListedDelivery {
  readonly id: string
  readonly status: string
  readonly attempts: number
  readonly nextAttemptAt: string
  readonly lastAttempt: { readonly at: string; readonly error: string | null }
}

/** The newest delivery but one that is known, once so many attempts of it are written down. */
export async function deliveryAfter(server: LiveServer, attempts: number, knownId?: string): Promise<ListedDelivery> {
  let row: ListedDelivery | undefined
  const look = async () => {
    const { items } = await server.operate('GET', '/v1/deliveries')
    row = items.find(({ id }: ListedDelivery) => id !== knownId)
    return row?.attempts
  }
  await expect.poll(look, { timeout: 10_000, interval: 5 }).toBe(attempts)
  return row!
}
