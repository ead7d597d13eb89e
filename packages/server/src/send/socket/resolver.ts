import { Resolver as DnsResolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'

/** Turns a host name into addresses. Rejects, or gives none, when there are none. */
export interface Resolver {
  resolve(hostname: string): Promise<readonly string[]>
}

const hostsFile = '/etc/hosts'

/**
 * The host file, then DNS. Not `dns.lookup`: its lookups share a few threads of the process, so
 * that names whose servers never answer, which anybody can register, would hold up everyone else's.
 * `servers`: name servers as `address:port`, in place of the host's own.
 */
export function createSystemResolver(options: { readonly servers?: readonly string[] } = {}): Resolver {
  const dns = new DnsResolver({ timeout: 1500, tries: 2 })
  if (options.servers) dns.setServers(options.servers)
  return {
    async resolve(hostname) {
      const listed = addressesInHosts(await readFile(hostsFile, 'utf8').catch(() => ''), hostname)
      if (listed.length > 0) return listed
      const [v4, v6] = await Promise.allSettled([dns.resolve4(hostname), dns.resolve6(hostname)])
      if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason
      return [...(v4.status === 'fulfilled' ? v4.value : []), ...(v6.status === 'fulfilled' ? v6.value : [])]
    },
  }
}

/** Lines of `address name name…`, with comments from `#`. */
export function addressesInHosts(text: string, hostname: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return address && names.some((name) => name.toLowerCase() === hostname) ? [address] : []
  })
}
