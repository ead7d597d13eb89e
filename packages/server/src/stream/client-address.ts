import { isIPv6 } from 'node:net'

/**
 * What counts as one address when connections are counted: an IPv4 address, also when it comes
 * mapped into IPv6, or the /64 network of an IPv6 address, because a single machine has all of it.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1]!
  const [bare = ''] = address.split('%')
  if (!isIPv6(bare)) return address
  const [before = '', after] = bare.split('::')
  const groups = before === '' ? [] : before.split(':')
  if (after !== undefined) {
    const tail = after === '' ? [] : after.split(':')
    // A dotted end stands for two groups.
    const tailGroups = tail.length + (after.includes('.') ? 1 : 0)
    while (groups.length + tailGroups < 8) groups.push('0')
    groups.push(...tail)
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
