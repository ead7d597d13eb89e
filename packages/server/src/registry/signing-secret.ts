import {
  ed25519SeedBytes,
  hmacSecretBytes,
  makeEd25519Keys,
  makeHmacSecret,
  type SecretForm,
} from '../core/dialect/signature-secret.ts'
import type { SigningSecret } from '../core/registry/registry.ts'
import type { MadeSecret } from '../core/subscription/secret-rotation.ts'

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
