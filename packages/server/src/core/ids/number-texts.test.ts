import { expect, test } from 'vitest'
import { parseJson, toPlain } from '../json/json.ts'
import { noteNumberTexts, tenantIdIn } from './number-texts.ts'

function bodyOf(text: string): Record<string, unknown> {
  const parsed = parseJson(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  const plain = toPlain(parsed.node) as Record<string, unknown>
  noteNumberTexts(parsed.node, plain)
  return plain
}

test.each([
  ['1', 1],
  ['9007199254740991', 9007199254740991],
  ['9007199254740992', 9007199254740992n],
  ['9007199254740993', 9007199254740993n],
  ['116015326147118080', 116015326147118080n],
  ['116015326147118082', 116015326147118082n],
  ['9223372036854775807', 9223372036854775807n],
  ['0', 'no_tenant_id'],
  ['-1', 'no_tenant_id'],
  ['1.5', 'no_tenant_id'],
  ['9223372036854775808', 'no_tenant_id'],
  ['1000000000000000000000000', 'no_tenant_id'],
  ['1e16', 'no_tenant_id'],
  ['116015326147118082.0', 'no_tenant_id'],
  ['"29302"', 'no_number'],
  ['"116015326147118082"', 'no_number'],
  ['null', 'no_number'],
  ['[116015326147118082]', 'no_number'],
])('%s in a body is the tenant id %s', (text, expected) => {
  expect(tenantIdIn(bodyOf(`{"a":"0000000000000000","id":${text}}`), 'id')).toBe(expected)
})

test('a list has its items, at any depth', () => {
  const { tenants } = bodyOf('{"tenants":{"list":[1,116015326147118083,"116015326147118083"]}}') as never as {
    tenants: { list: unknown[] }
  }
  expect(tenants.list.map((_, index) => tenantIdIn(tenants.list, String(index)))).toEqual([
    1,
    116015326147118083n,
    'no_number',
  ])
})

test('plain data stays as it was: nothing else sees a bigint', () => {
  expect(bodyOf('{"id":116015326147118082,"exact":9007199254740992}')).toEqual({
    id: '116015326147118082',
    exact: 9007199254740992,
  })
})
