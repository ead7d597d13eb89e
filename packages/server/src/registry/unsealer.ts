import type { LiveSecret } from '../core/dialect/dialect.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Unsealer } from '../send/sender.ts'
import type { Sealer } from './sealer.ts'

interface Opened {
  readonly secrets: readonly { readonly live: LiveSecret; readonly expiresAtMs: number | null }[]
  readonly headers: readonly (readonly [string, string])[]
  readonly authorization: string | null
  readonly tls: { certificate?: string; key?: string; ca?: string } | null
}

/** Opens what a subscription's record holds sealed; once per record, since every attempt needs it. */
export function createUnsealer(sealer: Sealer): Unsealer & { clientSecretOf(subscription: Subscription): string } {
  const opened = new WeakMap<Subscription, Opened>()
  const open = (subscription: Subscription): Opened => {
    let contents = opened.get(subscription)
    if (!contents) {
      contents = unsealed(subscription, (text) => sealer.unseal(text, subscription.id))
      opened.set(subscription, contents)
    }
    return contents
  }
  return {
    liveSecrets(subscription, nowMs) {
      const { secrets } = open(subscription)
      if (secrets.every(({ expiresAtMs }) => expiresAtMs === null)) return secrets.map(({ live }) => live)
      return secrets.filter(({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > nowMs).map(({ live }) => live)
    },
    headers: (subscription) => open(subscription).headers,
    authorization: (subscription) => open(subscription).authorization,
    tls: (subscription) => open(subscription).tls,
    clientSecretOf(subscription) {
      const { auth } = subscription.endpoint
      if (auth?.type !== 'oauth2') throw new Error(`subscription ${subscription.id} does not use OAuth2`)
      return sealer.unseal(auth.clientSecret, subscription.id)
    },
  }
}

function unsealed(subscription: Subscription, unseal: (text: string) => string): Opened {
  const { endpoint, secrets } = subscription
  return {
    secrets: secrets.map((secret) => ({
      live: { algorithm: secret.algorithm, secret: unseal(secret.sealed) },
      expiresAtMs: secret.expiresAt === null ? null : Date.parse(secret.expiresAt),
    })),
    headers: endpoint.headers === null ? [] : JSON.parse(unseal(endpoint.headers)),
    authorization: authorizationOf(subscription, unseal),
    tls: endpoint.tls === null ? null : JSON.parse(unseal(endpoint.tls)),
  }
}

function authorizationOf({ endpoint }: Subscription, unseal: (text: string) => string): string | null {
  switch (endpoint.auth?.type) {
    case 'basic': {
      const { username, password } = endpoint.auth
      return `Basic ${Buffer.from(`${username}:${unseal(password)}`).toString('base64')}`
    }
    case 'bearer':
      return `Bearer ${unseal(endpoint.auth.token)}`
    default:
      // OAuth2 tokens are fetched when they are needed.
      return null
  }
}
