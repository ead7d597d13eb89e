import type { Sealed, SigningSecret } from '../../core/registry/registry.ts'

/** Keeps what is secret, each text sealed for one use: no other use can open it. */
export interface Secrets {
  /** A signing secret of any text, sealed for the subscription or document of this id. */
  signing(text: string, id: string): SigningSecret
  seal(text: string, use: string): Sealed
  /** @throws AppError when the text was not sealed here for this use */
  unseal(sealed: Sealed, use: string): string
}
