import { expect, test } from 'vitest'
import { everyShare } from '../core/delivery/shares.ts'
import { openWebhooks } from './fixtures/webhooks.ts'

const fromStart = { mode: 'own', position: 0, reason: 'rewind', isPartial: false, skips: null } as const

test('what the store refuses is not told as durable, and is written once it can be', async () => {
  const { append, refuse, set, store, webhooks, whilePassing, clock } = await openWebhooks()
  set(1)
  webhooks.start()
  await append('a')
  await clock.advance(1_000)
  refuse('settle')
  const { readership } = webhooks
  await expect(whilePassing(readership.pauseCatchUp(1))).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(whilePassing(readership.resumeCatchUp(1))).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(whilePassing(readership.place(1, fromStart))).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(whilePassing(readership.pauseCatchUp(1))).rejects.toMatchObject({ code: 'storage_unavailable' })
  refuse()
  await clock.advance(5_000)
  const { progress } = await store.load(everyShare)
  expect(progress).toMatchObject([{ subscription: 1, catchUp: { pausedAtMs: expect.any(Number) } }])
  await webhooks.stop()
})

test.each(['settle', 'reopen'] as const)(
  'a rewind that the store refuses at `%s` is read all the same',
  async (call) => {
    const { append, positionsOf, refuse, set, webhooks, whilePassing, clock } = await openWebhooks()
    set(1)
    webhooks.start()
    await append('a', 'b')
    await clock.advance(1_000)
    expect(positionsOf(1)).toEqual([1, 2])
    refuse(call)
    await expect(whilePassing(webhooks.readership.place(1, fromStart))).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    refuse()
    await clock.advance(5_000)
    expect(positionsOf(1)).toEqual([1, 2, 1, 2])
    expect(webhooks.readership.reading(1)?.catchUp).toBeNull()
    await webhooks.stop()
  },
)
