import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { grantedTenant, startLiveServer } from '../dialects/fixtures/live.ts'

/** A receiver that asks for OAuth2, whose token server answers when it is told to. */
async function startSlowTokens() {
  const asked = Promise.withResolvers<ServerResponse>()
  const received: string[] = []
  const arrived = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    if (request.url === '/token') {
      asked.resolve(response)
      return
    }
    received.push(JSON.parse(body).entityId)
    response.writeHead(204).end()
    arrived.resolve()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked: asked.promise, received, arrived: arrived.promise }
}

it('what may not be sent any more when the receiver’s token has come is not sent, and the rest is', async () => {
  const server = await startLiveServer()
  const { integrationId } = await grantedTenant(server, { tenantId: 1 })
  const other = await grantedTenant(server, { tenantId: 2, integrationId })
  const receiver = await startSlowTokens()
  const auth = { type: 'oauth2', tokenUrl: `${receiver.url}/token`, clientId: 'c', clientSecret: 's' }
  await server.operate('POST', '/v1/subscriptions', {
    integrationId,
    types: ['*'],
    endpoint: { url: `${receiver.url}/hook`, auth },
  })
  const publish = (tenantId: number, entityId: string) =>
    server.operate('POST', '/v1/events', { tenantId, type: 'invoice.updated', entityId })
  await publish(2, 'revoked')
  const tokenRequest = await receiver.asked
  await publish(1, 'granted')
  await server.operate('DELETE', `/v1/integrations/${integrationId}/tokens/${other.tokenId}`)
  tokenRequest
    .writeHead(200, { 'content-type': 'application/json' })
    .end('{"access_token":"t","token_type":"Bearer","expires_in":3600}')
  await receiver.arrived
  await publish(1, 'last')
  await expect.poll(() => receiver.received).toContain('last')
  expect(receiver.received.toSorted()).toEqual(['granted', 'last'])
})
