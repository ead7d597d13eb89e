import type { Dialect } from '../contract/dialect.ts'
import { makeToken } from './settings.ts'

/**
 * The URL is called once at registration and must answer exactly 200 (contracts/moneybird.md,
 * "Registration check"): an unsigned POST of `{}`, which is no push and is recorded nowhere.
 */
export const registerWebhook: NonNullable<Dialect['register']> = async (subscription, before, { ask, random }) => {
  const settings = {
    ...(typeof subscription.settings.token === 'string' ? {} : { token: makeToken(random) }),
    // Types that were chosen natively are what it gets from now on, whatever its events meant.
    ...(before && before.types !== subscription.types ? { enabledEvents: null } : {}),
  }
  if (before?.endpoint.url === subscription.endpoint.url) return { kind: 'agreed', settings }
  const answer = await ask({
    method: 'POST',
    url: subscription.endpoint.url,
    headers: [['Content-Type', 'application/json']],
    body: '{}',
  })
  if (answer.error === null && answer.status === 200) return { kind: 'agreed', settings }
  return { kind: 'refused', code: 'unreachable', detail: 'The URL must answer a POST of {} with status 200 now.' }
}
