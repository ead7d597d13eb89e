import { hashSecret } from '../core/credential/key.ts'
import type { AuthenticationContext } from '../registry/authenticate.ts'
import type { Foundation } from './foundation.ts'

type Known = Pick<Foundation, 'config' | 'directory' | 'serverKeys' | 'clock'>

/** The operator's key never changes while the server runs: hashed once, not with each request. */
const adminKeyHashes = new WeakMap<Known['config'], string>()

/** What credentials are compared with, at this moment. */
export function authenticationContext({ config, directory, serverKeys, clock }: Known): AuthenticationContext {
  let adminKeyHash = adminKeyHashes.get(config)
  if (adminKeyHash === undefined && config.adminKey !== '') {
    adminKeyHash = hashSecret(config.adminKey, serverKeys.peppers[0])
    adminKeyHashes.set(config, adminKeyHash)
  }
  return { directory, adminKeyHash, peppers: serverKeys.peppers, nowMs: clock.now() }
}
