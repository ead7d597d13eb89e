import { expect, test } from 'vitest'
import { eventTexts } from './stored-log.ts'

test('events are cut out of a page byte for byte', () => {
  const events = ['{"a":1.10,"b":{"c":["]}"]}}', '{"d":"\\"}{\\\\"}', '{}']
  expect(eventTexts(`{"events":[${events.join()}],"next":"x","earliest":"y","clamped":false}`)).toEqual(events)
  expect(eventTexts('{"events":[],"next":"x"}')).toEqual([])
})
