import { expect, test } from 'vitest'
import { RateLimit } from '../../core/limit/rate-limit.ts'
import { ManualClock } from '../../core/time/clock.ts'
import { WrongKeyLimit } from '../wrong-key-limit.ts'
import { RequestLimits } from './limits.ts'

test('wrong credentials are counted with wrong keys, by address, and refused when there are too many', async () => {
  const wrongKeys = new WrongKeyLimit(2)
  const clock = new ManualClock()
  const limits = new RequestLimits(wrongKeys, new RateLimit({ ratePerSecond: 1, burst: 1 }), clock)
  expect(limits.wrongCredentialsPerMinute).toBe(2)
  limits.wrongCredential('192.0.2.1')
  wrongKeys.refusal('192.0.2.1', clock.now())
  expect(() => limits.wrongCredential('192.0.2.1')).toThrow(expect.objectContaining({ code: 'rate_limited' }))
  limits.wrongCredential('192.0.2.2')
  await clock.advance(60_000)
  limits.wrongCredential('192.0.2.1')
})

test('requests are counted by integration, with those of the native interface', () => {
  const requests = new RateLimit({ ratePerSecond: 1, burst: 2 })
  const clock = new ManualClock()
  const limits = new RequestLimits(new WrongKeyLimit(), requests, clock)
  requests.take('int_1', clock.now())
  expect(limits.useRequest('int_1')).toMatchObject({ waitSeconds: 0, remaining: 0 })
  expect(limits.useRequest('int_1').waitSeconds).toBeGreaterThan(0)
  expect(limits.useRequest('int_2').waitSeconds).toBe(0)
})
