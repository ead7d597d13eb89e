import {
  ed25519SeedBytes,
  hmacSecretBytes,
  makeEd25519Keys,
  makeHmacSecret,
  type SecretForm,
} from '../core/dialect/signature-secret.ts'
import type { SigningSecret } from '../core/registry/registry.ts'
import type { MadeSecret } from '../core/subscription/secret-rotation.ts'
import type { Clock } from '../core/time/clock.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { Sealer } from './sealer.ts'

/** The dialects by their names. */
type SecretForms = ReadonlyMap<string, { readonly secret: SecretForm }>

/** A secret in the dialect's form. For Ed25519 nothing is secret to the integrator: the record holds the public key. */
export function makeSigningSecret(given: {
  readonly form: SecretForm
  readonly algorithm: SigningSecret['algorithm']
  /** A checked `whsec_…` of the standard form that the integrator brings along, in place of a fresh one. */
  readonly imported?: string | undefined
  readonly nowText: string
  readonly random: (bytes: number) => Uint8Array
  readonly seal: (text: string) => string
}): MadeSecret {
  const { form, algorithm, imported, nowText, random, seal } = given
  const record = (secret: string, publicKey: string | null): SigningSecret => ({
    algorithm,
    sealed: seal(secret),
    publicKey,
    createdAt: nowText,
    expiresAt: null,
  })
  if (form === 'none') return { shown: null, records: [] }
  if (form !== 'standard') {
    const secret = form(random)
    return { shown: secret, records: [record(secret, null)] }
  }
  switch (algorithm) {
    case 'hmac-sha256': {
      const secret = imported ?? makeHmacSecret(random(hmacSecretBytes))
      return { shown: secret, records: [record(secret, null)] }
    }
    case 'ed25519': {
      const { privateKey, publicKey } = makeEd25519Keys(random(ed25519SeedBytes))
      return { shown: null, records: [record(privateKey, publicKey)] }
    }
    default:
      return algorithm satisfies never
  }
}

/** Makes the signing secrets of subscriptions, in the form of each one's dialect. */
export class SigningSecrets {
  readonly #forms: SecretForms
  readonly #sealer: Pick<Sealer, 'seal'>
  readonly #clock: Pick<Clock, 'now'>
  readonly #random: (bytes: number) => Uint8Array

  constructor(parts: {
    readonly forms: SecretForms
    readonly sealer: Pick<Sealer, 'seal'>
    readonly clock: Pick<Clock, 'now'>
    readonly random: (bytes: number) => Uint8Array
  }) {
    this.#forms = parts.forms
    this.#sealer = parts.sealer
    this.#clock = parts.clock
    this.#random = parts.random
  }

  make(
    dialect: string,
    { algorithm, imported }: { readonly algorithm: SigningSecret['algorithm']; readonly imported?: string | undefined },
    subscriptionId: string,
  ): MadeSecret {
    return makeSigningSecret({
      form: this.#forms.get(dialect)?.secret ?? 'none',
      algorithm,
      imported,
      nowText: formatRfc3339(this.#clock.now()),
      random: this.#random,
      seal: (text) => this.#sealer.seal(text, subscriptionId),
    })
  }
}
