import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Reply, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const publish = (event: object): Promise<Reply> =>
  world.call('POST', '/v1/events', `Bearer ${world.publisherKey}`, {
    tenantId: 101,
    type: 'invoice.updated',
    entityId: '1',
    ...event,
  })

async function stored(id: string): Promise<number> {
  const { json } = await world.operate('GET', '/v1/topics/invoices/events?limit=1000')
  return json.events.filter((event: { id: string }) => event.id === id).length
}

describe('H59 the id of an event', () => {
  test('names one event: again is answered with the first, another is refused', async () => {
    const first = await publish({ id: 'same', data: { a: 1 } })
    const again = await publish({ id: 'same', data: { a: 1 } })
    expect(again.json.events).toEqual([{ ...first.json.events[0], duplicate: true }])
    const other = await publish({ id: 'same', data: { a: 2 } })
    expect([other.status, other.json.code]).toEqual([422, 'id_reused'])
    expect(await stored('same')).toBe(1)
  })

  test('is its tenant’s own', async () => {
    const one = await publish({ id: 'both', data: { a: 1 } })
    const other = await publish({ id: 'both', tenantId: 202, data: { a: 2 } })
    expect([one.status, other.status]).toEqual([201, 201])
    expect(other.json.events[0].duplicate).toBe(false)
    expect(await stored('both')).toBe(2)
  })

  test('holds for fifty at once', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, () => publish({ id: 'fifty', data: { a: 1 } })))
    const events = replies.map(({ json }) => json.events[0])
    expect(events.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    expect(new Set(events.map(({ offset }) => offset)).size).toBe(1)
    expect(await stored('fifty')).toBe(1)
  })

  test('holds for fifty different ones at once: one is stored, and only that is answered as such', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, (_, a) => publish({ id: 'race', data: { a } })))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(replies.filter(({ json }) => json.code === 'id_reused')).toHaveLength(49)
    expect(await stored('race')).toBe(1)
  })
})
