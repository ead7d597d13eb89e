import { expect } from 'vitest'
import type { TenantId } from '../../core/tenant-id.ts'
import { type Answer, type LiveReceiver, type LiveServer, startLiveReceiver, startLiveServer } from '../live-fixture.ts'

export const customerNo = 4801958
export const companyNo = 5199768

/** An application with its client secret, granted by a customer or a company. */
export interface Client {
  readonly integrationId: string
  readonly accessToken: string
  call(method: string, path: string, body?: unknown): Promise<Answer>
  /** Makes a target; its answer's body. */
  target(url: string, more?: object): Promise<Answer['json']>
  subscribe(targetId: string, more?: object): Promise<Answer['json']>
}

export interface Setting extends Client {
  readonly server: LiveServer
  readonly receiver: LiveReceiver
  publish(type: string, event?: object, tenantId?: number): Promise<void>
}

/** A server with one customer and its company; the application is granted all of the customer. */
export async function start(): Promise<Setting> {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver(server.clock)
  await server.operate('POST', '/v1/tenants', { id: customerNo, name: 'Kunde AS' })
  await server.operate('POST', '/v1/tenants', { id: companyNo, name: 'Firma AS', parentId: customerNo })
  const client = await application(server, customerNo)
  return {
    ...client,
    server,
    receiver,
    async publish(type, event = {}, tenantId = companyNo) {
      await server.operate('POST', '/v1/events', { tenantId, type, keys: [{ No: 1 }], ...event })
    },
  }
}

export async function application(server: LiveServer, tenantId: TenantId): Promise<Client> {
  const made = await server.operate('POST', '/v1/integrations', { name: 'App' })
  const granted = await server.operate('POST', `/v1/integrations/${made.id}/tokens`, { tenantId })
  const authorization = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret}`).toString('base64')}`
  const call = (method: string, path: string, body?: unknown) =>
    server.call(method, path.startsWith('/') ? path : `/visma-nxt/v1/${path}`, { authorization, body })
  const created = async (path: string, body: object) => {
    const answer = await call('POST', path, body)
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
    return answer.json
  }
  return {
    integrationId: made.id,
    accessToken: granted.accessToken,
    call,
    target: (url, more = {}) => created('webhook-targets', { url, ...more }),
    subscribe: (targetId, more = {}) =>
      created('webhook-subscriptions', { targetId, companyNo, customerNo, tableIdentifier: 'OrderLine', ...more }),
  }
}
