import { describe, expect, test } from 'vitest'
import { AppError } from '../core/errors.ts'
import { eventText, makeTestPublisher } from './fixtures/test-publisher.ts'

test('events are appended in their order, and each is told where it stands', async () => {
  const { publisher, log, observed } = makeTestPublisher()
  const published = await publisher.publish(`[${eventText({ id: 'a' })},${eventText({ entityId: '8' })}]`)
  expect(published).toEqual([
    { id: 'a', topic: 'invoices', offset: 'invoices/0/1', duplicate: false },
    { id: 'made-1', topic: 'invoices', offset: 'invoices/0/2', duplicate: false },
  ])
  expect(log.bounds(0).latest).toBe(2)
  expect(observed).toEqual({ events: 2, duplicates: 0, refused: 0 })
})

test('the same event again is told as the first one, and is not in the log twice', async () => {
  const { publisher, log, observed } = makeTestPublisher()
  await publisher.publish(eventText({ id: 'a' }))
  expect(await publisher.publish(eventText({ id: 'a' }))).toEqual([
    { id: 'a', topic: 'invoices', offset: 'invoices/0/1', duplicate: true },
  ])
  expect(log.bounds(0).latest).toBe(1)
  expect(observed).toEqual({ events: 1, duplicates: 1, refused: 0 })
})

describe('all or nothing', () => {
  test('a request with faults is refused with every one of them, and nothing is appended', async () => {
    const { publisher, log, observed } = makeTestPublisher()
    const faulty = `[${eventText()},${eventText({ type: 'order.created' })},${eventText({ tenantId: 0, entityId: '' })}]`
    await expect(publisher.publish(faulty)).rejects.toMatchObject({
      code: 'invalid_event',
      errors: [{ pointer: '/1/type' }, { pointer: '/2/tenantId' }, { pointer: '/2/entityId' }],
    })
    expect([log.bounds(0).latest, observed]).toEqual([0, { events: 0, duplicates: 0, refused: 3 }])
  })

  test('an id that was used for another event refuses all, and names the place', async () => {
    const { publisher, log, observed } = makeTestPublisher()
    await publisher.publish(eventText({ id: 'a' }))
    const again = `[${eventText({ id: 'b' })},${eventText({ id: 'a', entityId: 'other' })}]`
    await expect(publisher.publish(again)).rejects.toMatchObject({
      code: 'id_reused',
      errors: [{ pointer: '/1/id', code: 'id_reused' }],
    })
    expect([log.bounds(0).latest, observed]).toEqual([1, { events: 1, duplicates: 0, refused: 2 }])
  })

  test('an empty array appends nothing, and is no fault', async () => {
    const { publisher, log } = makeTestPublisher()
    expect(await publisher.publish('[]')).toEqual([])
    expect(log.bounds(0).latest).toBe(0)
  })
})

describe('a tenant that nobody created', () => {
  test('has its events taken and told of, once each', async () => {
    const { publisher, unknown } = makeTestPublisher()
    const text = eventText({ tenantId: 9, id: 'a' })
    expect(await publisher.publish(text)).toMatchObject([{ duplicate: false, tenantKnown: false }])
    expect(await publisher.publish(text)).toMatchObject([{ duplicate: true, tenantKnown: false }])
    expect(unknown).toEqual([9])
  })

  test('has its events refused where the operator wants that', async () => {
    const { publisher, log } = makeTestPublisher({ isStrict: true })
    await expect(publisher.publish(eventText({ tenantId: 9 }))).rejects.toMatchObject({
      errors: [{ pointer: '/tenantId' }],
    })
    await publisher.publish(eventText())
    expect(log.bounds(0).latest).toBe(1)
  })
})

describe('a line of a stream', () => {
  test('is one event, or what is wrong with it', () => {
    const { publisher } = makeTestPublisher()
    expect(publisher.readLine(eventText({ id: 'a' }))).toMatchObject({
      ok: true,
      event: { id: 'a', topic: 'invoices' },
    })
    expect(publisher.readLine(eventText({ type: 'x.y' }))).toMatchObject({ ok: false, errors: [{ pointer: '/type' }] })
    expect(publisher.readLine('{"tenantId":')).toMatchObject({ ok: false, errors: [{ code: 'invalid_json' }] })
  })

  test('that meets a bug is not told as a fault of the line', () => {
    const bug = new TypeError('a bug')
    const { publisher } = makeTestPublisher({
      types: {
        typeOf() {
          throw bug
        },
      },
    })
    expect(() => publisher.readLine(eventText())).toThrow(bug)
    const refusing = makeTestPublisher({
      types: {
        typeOf() {
          throw new AppError('overloaded', 'too much')
        },
      },
    })
    expect(refusing.publisher.readLine(eventText())).toMatchObject({ ok: false, errors: [{ code: 'overloaded' }] })
  })
})
