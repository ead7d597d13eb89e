import { expect, test } from 'vitest'
import type { StoredEvent } from '../core/event/event.ts'
import { encodingFor } from './event-encoding.ts'

const cloud = { textOf: () => 'as a CloudEvent' }
const encodings = new Map([['application/cloudevents+json', cloud]])

test.each([
  ['application/cloudevents+json', true],
  ['text/event-stream, Application/CloudEvents+JSON; charset=utf-8', true],
  ['text/event-stream', false],
  ['application/cloudevents+jsonx', false],
  ['', false],
  [undefined, false],
])('who accepts %j gets CloudEvents: %s', (accept, expected) => {
  expect(encodingFor(accept, encodings) === cloud).toBe(expected)
})

test('everybody else gets the native text, with the offset', () => {
  const event: StoredEvent = {
    ...{ partition: 0, position: 1, topic: 'invoices', tenantId: 1, type: 'invoice.updated', entityKey: '7' },
    ...{ isQuiet: false, appendedAtMs: 0, head: '"type":"invoice.updated"', tail: '"id":"a"' },
  }
  const text = encodingFor(undefined, encodings).textOf(event, 'OFFSET')
  expect(JSON.parse(text)).toEqual({ type: 'invoice.updated', topic: 'invoices', offset: 'OFFSET', id: 'a' })
})
