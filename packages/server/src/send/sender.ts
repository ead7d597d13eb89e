import type { Standing } from '../core/delivery/standing.ts'
import type { DeliveryInput, EncodeContext, LiveSecret, WebhookDialect } from '../core/dialect/dialect.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { BareRequest, OutgoingRequest, Transport, TransportResult } from './transport.ts'

/** Unseals what a subscription's record holds sealed. */
export interface Unsealer {
  liveSecrets(subscription: Subscription, nowMs: number): readonly LiveSecret[]
  /** The subscription's own headers, in the order given. */
  headers(subscription: Subscription): readonly (readonly [string, string])[]
  /** `Authorization` for basic and bearer; null when none or when it is OAuth2's. */
  authorization(subscription: Subscription): string | null
  tls(subscription: Subscription): OutgoingRequest['tls'] | null
}

/** Bearer tokens by OAuth2 client credentials for subscriptions that ask for them. */
export interface TokenSource {
  authorization(
    subscription: Subscription,
    timeoutMs: number,
  ): Promise<{ ok: true; value: string } | { ok: false; result: TransportResult }>
  /** The receiver refused the token with 401: the next attempt fetches another. */
  refused(subscription: Subscription): void
}

/** Makes one attempt: encodes in the subscription's dialect, adds its headers and credentials, sends. */
export interface Sender {
  /**
   * @param due gives what is to be sent, once all else is ready: fetching a token takes as long as its server does, and
   * meanwhile somebody may have lost the right to it. Undefined: nothing any more.
   * Resolves with undefined when nothing was sent for that reason.
   */
  send(
    subscription: Subscription,
    due: () => readonly [DeliveryInput, ...DeliveryInput[]] | undefined,
    nowMs: number,
    standing: Standing,
  ): Promise<TransportResult | undefined>
}

/** One request to a subscription's receiver that is no delivery, with its headers and credentials. */
export interface BareSender {
  ask(subscription: Subscription, request: BareRequest): Promise<TransportResult>
}

export function createSender(deps: {
  transport: Transport
  unsealer: Unsealer
  tokens: TokenSource
  dialectOf: (subscription: Subscription) => WebhookDialect
  operatorSettingsOf: (dialect: string) => NonNullable<EncodeContext['operatorSettings']>
  /** The time that stands in signatures: receivers hold it against their own clocks. */
  signedAtMs: () => number
}): Sender & BareSender {
  /** `bareOf` is asked when the credentials are there. */
  async function request(
    subscription: Subscription,
    bareOf: () => BareRequest | undefined,
    standing: Standing,
    wantsHeaders: boolean,
  ): Promise<TransportResult | undefined> {
    const timeoutMs = subscription.endpoint.timeoutSeconds * 1_000
    let authorization = deps.unsealer.authorization(subscription)
    let leftMs = timeoutMs
    if (subscription.endpoint.auth?.type === 'oauth2') {
      const startedMs = performance.now()
      const token = await deps.tokens.authorization(subscription, timeoutMs)
      if (!token.ok) return token.result
      authorization = token.value
      // The whole attempt has one time-out, the token's fetch included.
      leftMs = Math.max(1_000, timeoutMs - Math.round(performance.now() - startedMs))
    }
    const bare = bareOf()
    if (!bare) return undefined
    const tls = deps.unsealer.tls(subscription)
    const result = await deps.transport.send(
      {
        ...bare,
        headers: headersOf(bare, deps.unsealer.headers(subscription), authorization),
        timeoutMs: leftMs,
        wantsHeaders,
        ...(tls && { tls }),
      },
      standing,
    )
    if (result.status === 401 && subscription.endpoint.auth?.type === 'oauth2') deps.tokens.refused(subscription)
    return result
  }
  return {
    async ask(subscription, bare) {
      const result = await request(subscription, () => bare, 'unknown', true)
      return result!
    },
    send(subscription, due, nowMs, standing) {
      const bareOf = () => {
        const deliveries = due()
        return deliveries && encoded(subscription, deliveries, nowMs)
      }
      return request(subscription, bareOf, standing, false)
    },
  }

  function encoded(
    subscription: Subscription,
    deliveries: readonly [DeliveryInput, ...DeliveryInput[]],
    nowMs: number,
  ): BareRequest {
    const context: EncodeContext = {
      subscription,
      secrets: deps.unsealer.liveSecrets(subscription, nowMs),
      nowMs: deps.signedAtMs(),
      operatorSettings: deps.operatorSettingsOf(subscription.dialect),
    }
    return deps.dialectOf(subscription).encode(deliveries, context)
  }
}

function headersOf(
  bare: BareRequest,
  own: readonly (readonly [string, string])[],
  authorization: string | null,
): OutgoingRequest['headers'] {
  const headers = own.length > 0 ? [...bare.headers, ...own] : [...bare.headers]
  if (authorization !== null) headers.push(['authorization', authorization])
  return headers
}
