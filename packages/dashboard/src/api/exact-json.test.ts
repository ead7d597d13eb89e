import { expect, test } from 'vitest'
import { digitsOf, type ExactNumber, exactNumber, parseExact } from './exact-json.ts'

test('numbers keep their digits from the answer to the next request', () => {
  const text = '{"tenantId":116015326147118083,"data":{"total":12345678901234567.89,"rate":1.50,"count":3}}'
  const parsed = parseExact(text) as { tenantId: ExactNumber; data: { count: number } }
  expect(JSON.stringify(parsed)).toBe(text)
  expect(digitsOf(parsed.tenantId)).toBe('116015326147118083')
  expect(digitsOf(parsed.data.count)).toBe('3')
  expect(JSON.stringify(exactNumber('116015326147118083'))).toBe('116015326147118083')
})
