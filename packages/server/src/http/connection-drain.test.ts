import { once } from 'node:events'
import { createServer, get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { drainableConnections } from './connection-drain.ts'

async function listening(server: ReturnType<typeof createServer>) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test('a connection that never asked anything does not hold up the stop', async () => {
  const server = createServer((_request, response) => response.end('ok'))
  const drain = drainableConnections(server)
  const socket = connect(await listening(server), '127.0.0.1')
  const [connected] = await Promise.all([once(server, 'connection'), once(socket, 'connect')])
  expect(connected).toHaveLength(1)
  const end = drain.begin(60_000)
  server.close()
  await Promise.all([once(server, 'close'), once(socket, 'close')])
  end()
})

test('a request under way is answered first', async () => {
  let answer = () => {}
  const server = createServer((_request, response) => {
    answer = () => response.end('late')
  })
  const drain = drainableConnections(server)
  const request = get({ port: await listening(server), host: '127.0.0.1' })
  await once(server, 'request')
  const end = drain.begin(60_000)
  server.close()
  answer()
  const [response] = await once(request, 'response')
  expect(String((await Array.fromAsync(response as AsyncIterable<Buffer>)).join(''))).toBe('late')
  await once(server, 'close')
  end()
})

test('one that does not end is cut off after the grace', async () => {
  const server = createServer(() => {})
  const drain = drainableConnections(server)
  const request = get({ port: await listening(server), host: '127.0.0.1' })
  request.on('error', () => {})
  await once(server, 'request')
  const end = drain.begin(1)
  server.close()
  await once(server, 'close')
  end()
})
