import { randomBytes } from 'node:crypto'
import { type SealingKey, sealNonceBytes, sealText, unsealText } from '../core/credential/seal.ts'
import { AppError } from '../core/errors.ts'
import type { Sealed } from '../core/registry/registry.ts'

/** Seals secrets that have to be read again (signing secrets, endpoint credentials), with the server's key. */
export interface Sealer {
  /** @param context the id of the record that holds the text. */
  seal(text: string, context: string): Sealed
  /** @throws AppError `invalid_configuration` when no key of the server opens it: the master key was lost or changed. */
  unseal(sealed: Sealed, context: string): string
}

/** The first key seals, every key opens. */
export function makeSealer(keys: readonly [SealingKey, ...SealingKey[]]): Sealer {
  return {
    seal: (text, context) => sealText(text, context, keys[0], randomBytes(sealNonceBytes)),
    unseal(sealed, context) {
      const text = unsealText(sealed, context, keys)
      if (text !== undefined) return text
      throw new AppError(
        'invalid_configuration',
        `a secret of ${context} cannot be opened with this server's master key; add the key that sealed it to TIDINGS_MASTER_KEY, after the current one`,
      )
    },
  }
}
