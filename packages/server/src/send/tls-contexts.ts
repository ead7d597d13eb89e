import { createHash, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { OutgoingRequest } from './transport.ts'

export type TlsMaterial = NonNullable<OutgoingRequest['tls']>

export interface TlsIdentity {
  /** Tells connections with different material apart without holding the key. */
  readonly id: string
  readonly context: SecureContext
  readonly hasCertificate: boolean
}

const defaultMaxContexts = 256

function contextOf(material: TlsMaterial): SecureContext {
  return createSecureContext({
    minVersion: 'TLSv1.2',
    ...(material.certificate === undefined ? {} : { cert: material.certificate }),
    ...(material.key === undefined ? {} : { key: material.key }),
    ...(material.ca === undefined ? {} : { ca: material.ca, allowPartialTrustChain: true }),
  })
}

/** Whether the PEM texts can be used, for whoever takes them in. The key must fit the certificate. */
export function isUsableTlsMaterial(material: TlsMaterial): boolean {
  if ((material.certificate === undefined) !== (material.key === undefined)) return false
  try {
    contextOf(material)
    // A list of roots with nothing readable in it makes a context all the same; this throws.
    if (material.ca !== undefined) new X509Certificate(material.ca)
    return true
  } catch {
    return false
  }
}

/**
 * Secure contexts by material, the least recently used dropped first. One context costs milliseconds
 * and the whole list of public roots, so it is made per material and never per attempt. An endpoint's own
 * CA takes the place of the public roots. It may be a root, the authority that issued the receiver's certificate, or
 * that certificate itself: a private PKI hands out any of them, and each is trusted for what it is.
 */
export class TlsContexts {
  readonly #contexts = new Map<string, TlsIdentity>()
  readonly #maxContexts: number
  #plain: TlsIdentity | null = null

  constructor(maxContexts = defaultMaxContexts) {
    this.#maxContexts = maxContexts
  }

  /** Null when the material cannot be read. */
  identityOf(material: TlsMaterial | undefined): TlsIdentity | null {
    if (material === undefined) {
      this.#plain ??= { id: '', context: contextOf({}), hasCertificate: false }
      return this.#plain
    }
    const id = createHash('sha256')
      .update(JSON.stringify([material.certificate, material.key, material.ca]))
      .digest('base64')
    const known = this.#contexts.get(id)
    if (known !== undefined) {
      this.#contexts.delete(id)
      this.#contexts.set(id, known)
      return known
    }
    try {
      const identity = { id, context: contextOf(material), hasCertificate: material.certificate !== undefined }
      this.#contexts.set(id, identity)
      if (this.#contexts.size > this.#maxContexts) this.#contexts.delete(this.#contexts.keys().next().value!)
      return identity
    } catch {
      return null
    }
  }
}
