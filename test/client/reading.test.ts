import { expect, test } from 'vitest'
import { Tidings } from '../../packages/client/src/index.ts'
import { testReaders } from './readers.ts'
import { startWorld } from './world.ts'

testReaders('TypeScript')

test('a position of another topic ends the reading, and nothing is guessed', async () => {
  await using world = await startWorld()
  await world.publish(1, 1)
  const client = new Tidings({ url: world.url, key: world.key })
  const [foreign] = (await client.topics()).filter(({ topic }) => topic !== 'invoices')
  const wrong = client.feed('invoices', { after: String(foreign!.latest) })
  await expect(wrong[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'invalid_offset' })
})
