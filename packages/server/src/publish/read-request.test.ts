import { describe, expect, it } from 'vitest'
import { type EventTypeRules, readEvent } from '../core/event/event-input.ts'
import type { JsonNode } from '../core/json/json.ts'
import { readRequest } from './read-request.ts'

const rules: EventTypeRules = { topic: 'invoices', attributes: new Map() }
const readOne = (node: JsonNode, pointer: string) =>
  readEvent(node, { pointer, typeOf: () => rules, nowText: '2026-01-01T00:00:00Z', newId: () => 'evt_1' })
const event = (size: number, id = 1) =>
  `{"tenantId":1,"type":"invoice.updated","entityId":"${id}","data":{"text":"${'x'.repeat(size)}"}}`

describe('a request', () => {
  it('of an array of several MiB lets others have their turn while it is read', async () => {
    const text = `[${Array.from({ length: 40 }, (_, index) => event(100 * 1024, index)).join()}]`
    let turns = 0
    let isReading = true
    const turn = () => {
      turns += 1
      if (isReading) setImmediate(turn)
    }
    setImmediate(turn)
    const { events, errors } = await readRequest(text, readOne)
    isReading = false
    expect(events).toHaveLength(40)
    expect(errors).toEqual([])
    expect(turns).toBeGreaterThanOrEqual(12)
  })

  it('with an event that is too long is refused there, whatever comes after', async () => {
    const text = `[${event(1)},${event(600 * 1024)},nonsense`
    expect(await readRequest(text, readOne)).toMatchObject({
      count: 2,
      errors: [{ pointer: '/1', code: 'too_large' }],
    })
    expect((await readRequest(event(600 * 1024), readOne)).errors).toMatchObject([{ pointer: '', code: 'too_large' }])
  })

  it('is read no further than its thousandth event', async () => {
    const text = `[${Array.from({ length: 1_000 }, (_, index) => event(1, index)).join()}`
    expect((await readRequest(`${text}]`, readOne)).events).toHaveLength(1_000)
    await expect(readRequest(`${text},${event(1)},nonsense`, readOne)).rejects.toMatchObject({
      code: 'payload_too_large',
    })
  })

  it('tells every fault of every event, where it is', async () => {
    const { errors, count } = await readRequest('[{}, {"tenantId":1,"type":"invoice.updated"}, 7]', readOne)
    expect(count).toBe(3)
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/0/tenantId', '/0/type', '/0/entityId', '/1/entityId', '/2'])
  })
})
