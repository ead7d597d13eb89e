import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { listenAt } from './listening.ts'

function newApp() {
  const app = Fastify()
  onTestFinished(() => app.close())
  return app
}

test('it listens where it is told to, and says which port the system chose', async () => {
  const app = newApp()
  const found = await listenAt({ host: '127.0.0.1', port: 0 }, app)
  expect(found).toMatchObject({ address: '127.0.0.1', family: 'IPv4' })
  expect(found.port).toBe((app.server.address() as AddressInfo).port)
})

test.each([
  ['a port that is taken', '127.0.0.1', /Another program listens at 127\.0\.0\.1 port \d+/],
  ['an address of another machine', '192.0.2.1', /192\.0\.2\.1 is not an address of this machine/],
  ['a name without an address', 'nowhere.invalid', /--host \(TIDINGS_HOST\) is nowhere\.invalid/],
])('%s is told of, with what to do', async (_, host, detail) => {
  const { port } = await listenAt({ host: '127.0.0.1', port: 0 }, newApp())
  await expect(listenAt({ host, port }, newApp())).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringMatching(detail),
  })
})

test('a start that is ended while a name is looked up does not wait for it', async () => {
  const end = new AbortController()
  const reason = new Error('stopped')
  const listening = listenAt({ host: 'nowhere.invalid', port: 0 }, newApp(), end.signal)
  end.abort(reason)
  await expect(listening).rejects.toBe(reason)
})
