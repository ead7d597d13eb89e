import type { Caller } from '../core/credential/caller.ts'
import type { Directory, DirectoryChange } from './directory.ts'

/** Tells when credentials may have ended, as the directory hears of it. */
export class CredentialChanges {
  readonly #directory: Directory

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /** Calls back when what the caller came with may have ended. Returns its cancel. */
  onChanged(caller: Caller, wake: () => void): () => void {
    const cancels = [
      this.#directory.onChanged((changes) => {
        if (changes.some((change) => concerns(change, caller))) wake()
      }),
      this.#directory.recognised.onChanged((tokenId) => {
        if (caller.kind === 'integrator' && caller.token?.id === tokenId) wake()
      }),
    ]
    return () => {
      for (const cancel of cancels) cancel()
    }
  }
}

function concerns({ kind, id }: DirectoryChange, caller: Caller): boolean {
  // By which of them the caller came, only the request tells; sessions end seldom.
  if (kind === 'session') return true
  // An integration's tokens go with it, and a tenant's with the tenant, in the same commit.
  if (caller.kind !== 'integrator') return kind === 'key'
  if (caller.token !== null) return id === caller.token.id
  // A portal's session ends with the key of the operator who opened it.
  return kind === 'key' || (kind === 'integration' && id === caller.integrationId)
}
