import type { Dialect } from '../contract/dialect.ts'
import { type HandshakeRefusal, handshakeRequest, judgeHandshake, rateOf } from './handshake.ts'
import { consentUrl } from './routes.ts'

const details: Record<Exclude<HandshakeRefusal, 'rate_invalid' | 'rate_missing'>, string> = {
  unreachable: 'The URL did not answer the OPTIONS request that asks whether it wants deliveries.',
  no_consent: 'The URL answered the OPTIONS request without WebHook-Allowed-Origin, so it wants no deliveries.',
  origin_not_allowed: 'The WebHook-Allowed-Origin that the URL answered with is another than the one that asked.',
}
const rateDetail = 'The URL must answer with a WebHook-Allowed-Rate: a positive number of requests a minute, or *.'

/**
 * The validation handshake (`handshake.ts`): when a subscription is made, and when its URL or its rate
 * changes. Where the server's public URL is known, the receiver may consent later (`routes.ts`); else
 * consent comes in the answer or not at all.
 */
export const registerCloudEvents: NonNullable<Dialect['register']> = async (subscription, before, means) => {
  const { endpoint, ratePerSecond } = subscription
  if (before?.endpoint.url === endpoint.url && before.ratePerSecond === ratePerSecond) return { kind: 'unchanged' }
  const question = {
    url: endpoint.url,
    origin: means.originName,
    callback: means.publicUrl === null ? null : consentUrl(means.publicUrl, subscription.id, means.offerConsent()),
    ratePerMinute: ratePerSecond === null ? null : Math.max(1, Math.floor(ratePerSecond * 60)),
  }
  const answer = await means.ask(handshakeRequest(question))
  const verdict = judgeHandshake(question, answer.status === null || answer.error !== null ? null : answer)
  switch (verdict.kind) {
    case 'granted':
      return { kind: 'agreed', settings: { origin: question.origin }, ...rateOf(verdict) }
    case 'pending':
      return { kind: 'pending', settings: { origin: question.origin } }
    case 'refused': {
      const { reason } = verdict
      const detail = reason === 'rate_missing' || reason === 'rate_invalid' ? rateDetail : details[reason]
      return { kind: 'refused', code: reason, detail }
    }
    default:
      return verdict satisfies never
  }
}
