import { describe, expect, it } from 'vitest'
import { bareToken, parseMessage } from './commands.ts'

describe('a message', () => {
  it.each([
    [
      '{"command":"add-tenants-v1","includeChildTenants":true,"clientSecret":"s","accessTokens":["Bearer a","b","b"]}',
      { name: 'add-tenants-v1', includeChildTenants: true, clientSecret: 's', accessTokens: ['Bearer a', 'b'] },
    ],
    [
      '{"command":"add-tenants-v1","includeChildTenants":null,"clientSecret":"s","accessTokens":[],"more":1}',
      { name: 'add-tenants-v1', includeChildTenants: false, clientSecret: 's', accessTokens: [] },
    ],
    ['{"command":"remove-tenants-v1","tenants":[1,2,1]}', { name: 'remove-tenants-v1', tenants: [1, 2] }],
    ['{"command":"list-tenants-v1"}', { name: 'list-tenants-v1' }],
    [
      '{"command":"add-topics-v1","topics":[{"topic":"a"},{"topic":"b","offset":"x"},{"topic":"c","offset":null}]}',
      {
        name: 'add-topics-v1',
        topics: [{ topic: 'a' }, { topic: 'b', offset: 'x' }, { topic: 'c' }],
      },
    ],
    [' {"command":"subscribe-v1"} ', { name: 'subscribe-v1' }],
    ['{"command":"subscribe\\u002dv1"}', { name: 'subscribe-v1' }],
  ])('%s is a command', (text, command) => {
    expect(parseMessage(text)).toEqual({ kind: 'command', command })
  })

  it.each([
    ['', null, true],
    ['nonsense', null, true],
    ['null', null, true],
    ['"subscribe-v1"', null, true],
    ['[{"command":"subscribe-v1"}]', null, true],
    ['{"Command":"subscribe-v1"}', null, true],
    ['{"command":["subscribe-v1"]}', null, true],
    ['{"__proto__":{"command":"subscribe-v1"}}', null, true],
    ['{"command":"Subscribe-v1"}', 'Subscribe-v1', true],
    ['{"command":"__proto__"}', '__proto__', true],
    ['{"command":"toString"}', 'toString', true],
    [`{"command":"${'x'.repeat(65)}"}`, null, true],
    ['{"command":"add-tenants-v1","accessTokens":["a"]}', 'add-tenants-v1', false],
    ['{"command":"add-tenants-v1","clientSecret":1,"accessTokens":["a"]}', 'add-tenants-v1', false],
    ['{"command":"add-tenants-v1","clientSecret":"s"}', 'add-tenants-v1', false],
    ['{"command":"add-tenants-v1","clientSecret":"s","accessTokens":"a"}', 'add-tenants-v1', false],
    ['{"command":"add-tenants-v1","clientSecret":"s","accessTokens":[1]}', 'add-tenants-v1', false],
    [
      '{"command":"add-tenants-v1","clientSecret":"s","accessTokens":[],"includeChildTenants":"yes"}',
      'add-tenants-v1',
      false,
    ],
    ['{"command":"remove-tenants-v1"}', 'remove-tenants-v1', false],
    ['{"command":"remove-tenants-v1","tenants":["1"]}', 'remove-tenants-v1', false],
    ['{"command":"add-topics-v1"}', 'add-topics-v1', false],
    ['{"command":"add-topics-v1","topics":["invoices"]}', 'add-topics-v1', false],
    ['{"command":"add-topics-v1","topics":[{"topic":"a","offset":5}]}', 'add-topics-v1', false],
    ['{"command":"add-topics-v1","topics":[null]}', 'add-topics-v1', false],
  ])('%s is a fault', (text, response, isCounted) => {
    expect(parseMessage(text)).toEqual({ kind: 'fault', fault: { response, message: expect.any(String), isCounted } })
  })
})

it.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['abc', 'abc'],
  ['Bearerabc', 'Bearerabc'],
  ['', ''],
])('the bare token of %j is %j', (sent, bare) => {
  expect(bareToken(sent)).toBe(bare)
})
