import { isIP } from 'node:net'
import { admitsAddress, type EndpointPolicy } from '../../core/address/endpoint-policy.ts'
import type { Resolver } from './resolver.ts'

export type DialPermission =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly error: 'dns_failed' | 'address_forbidden' }

/**
 * Decides which addresses a connection may be made to, at the moment it is made. A name's addresses
 * are checked all: which of them gets dialled is not the guard's choice, and a name that shows one
 * forbidden address among public ones is an attack or a mistake.
 */
export interface Guard {
  /** The addresses to choose from; the connection must go to one of these and to nothing looked up again. */
  admit(hostname: string, port: number): Promise<DialPermission>
  /** For the peer that a socket turned out to be connected to. */
  admits(address: string, port: number): boolean
}

/** More records than any honest name has; a flood of them is work, not an answer. */
const maxRecords = 64

const failed: DialPermission = { ok: false, error: 'dns_failed' }
const forbidden: DialPermission = { ok: false, error: 'address_forbidden' }

export function createGuard(policy: EndpointPolicy, resolver: Resolver): Guard {
  const admits = (address: string, port: number) => admitsAddress(address, port, policy)

  async function lookUp(hostname: string): Promise<readonly string[]> {
    try {
      return await resolver.resolve(hostname)
    } catch {
      return []
    }
  }

  return {
    admits,
    async admit(hostname, port) {
      const literal = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
      if (isIP(literal) !== 0) return admits(literal, port) ? { ok: true, addresses: [literal] } : forbidden
      if (hostname === 'localhost') {
        // RFC 6761: never asked for. Only the families that the operator opened are tried.
        const addresses = ['127.0.0.1', '::1'].filter((address) => admits(address, port))
        return addresses.length > 0 ? { ok: true, addresses } : forbidden
      }
      const addresses = await lookUp(hostname)
      if (addresses.length === 0 || addresses.length > maxRecords) return failed
      return addresses.every((address) => admits(address, port)) ? { ok: true, addresses } : forbidden
    },
  }
}
