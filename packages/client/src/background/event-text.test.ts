import { expect, test } from 'vitest'
import { rawJson } from '../json-text.ts'
import { eventText } from './event-text.ts'

test('an id of its own stays, and the text with it', () => {
  const text = '{"tenantId":1,"id":"a\\u0062","data":{"n":1.10}}'
  expect(eventText(text)).toEqual({ id: 'ab', text })
  expect(eventText(Buffer.from(text))).toEqual({ id: 'ab', text })
  expect(eventText(rawJson(text))).toEqual({ id: 'ab', text })
  expect(eventText({ tenantId: 1, type: 'a.b', id: 'c' })).toEqual({
    id: 'c',
    text: '{"tenantId":1,"type":"a.b","id":"c"}',
  })
})

test.each(['{"data":{"id":"inner","n":1.10}}', ' { "data":{"id":"inner","n":1.10}}'])('%s gets one', (given) => {
  const { id, text } = eventText(given)
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(JSON.parse(text)).toEqual({ id, data: { id: 'inner', n: 1.1 } })
  expect(text).toContain('"n":1.10')
})

test('so does an event of nothing, and what is no object is refused', () => {
  const { id, text } = eventText('{}')
  expect(text).toBe(`{"id":"${id}"}`)
  for (const bad of ['[]', '{', '1', '']) expect(() => eventText(bad)).toThrow(SyntaxError)
})
