import { expect } from 'vitest'
import {
  type Answer,
  grantedTenant,
  type LiveReceiver,
  type LiveServer,
  type ReceivedRequest,
  startLiveReceiver,
  startLiveServer,
} from '../live-fixture.ts'

/** An integrator of one administration, with a receiver for its webhooks. */
interface Setting {
  readonly server: LiveServer
  readonly receiver: LiveReceiver
  readonly token: string
  readonly integrationId: string
  readonly tokenId: string
  readonly api: (method: string, path: string, body?: unknown) => Promise<Answer>
}

export async function start(): Promise<Setting> {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver(server.clock)
  const { token, integrationId, tokenId } = await grantedTenant(server, { tenantId: 29302, name: 'Bygg AB' })
  const api = (method: string, path: string, body?: unknown) => server.call(method, `/api/v2${path}`, { token, body })
  return { server, receiver, token, integrationId, tokenId, api }
}

/** Subscribes, and takes the registration check off the receiver's list. */
export async function subscribe(
  { api, receiver }: Setting,
  enabledEvents?: readonly string[],
): Promise<Answer['json']> {
  const made = await api('POST', '/29302/webhooks.json', {
    url: receiver.url,
    ...(enabledEvents && { enabled_events: enabledEvents }),
  })
  expect(made.status).toBe(201)
  await receiver.next()
  return made.json
}

export const publish = (server: LiveServer, type: string, more: object = {}) =>
  server.operate('POST', '/v1/events', { tenantId: 29302, type, entityId: '3817', ...more })

export const bodyOf = ({ body }: ReceivedRequest) => JSON.parse(body.toString('utf8'))
