import type { AuthenticationContext } from '../registry/authenticate.ts'
import type { Foundation } from './foundation.ts'

/** What credentials are compared with, at this moment. */
export function authenticationContext({
  config,
  directory,
  serverKeys,
  clock,
}: Pick<Foundation, 'config' | 'directory' | 'serverKeys' | 'clock'>): AuthenticationContext {
  return {
    directory,
    adminKey: config.adminKey === '' ? undefined : config.adminKey,
    peppers: serverKeys.peppers,
    nowMs: clock.now(),
  }
}
