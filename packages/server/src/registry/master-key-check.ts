import { unsealText } from '../core/credential/seal.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { ServerKeys } from './master-key.ts'

/** How many of the subscriptions that sign have a secret that none of the keys opens, and of how many. */
export function lockedSecrets(
  subscriptions: Iterable<Pick<Subscription, 'id' | 'secrets'>>,
  { sealing }: ServerKeys,
): { readonly locked: number; readonly all: number } {
  const signing = [...subscriptions].filter(({ secrets }) => secrets.length > 0)
  const locked = signing.filter(({ id, secrets }) =>
    secrets.some(({ sealed }) => unsealText(sealed, id, sealing) === undefined),
  )
  return { locked: locked.length, all: signing.length }
}
