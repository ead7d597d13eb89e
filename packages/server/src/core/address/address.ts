import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Why an address is not a public unicast one. For the log and for tests; callers see one generic refusal. */
export type AddressReason =
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'link_local'
  | 'metadata'
  | 'multicast'
  | 'documentation'
  | 'benchmarking'
  | 'transition'
  | 'reserved'
  | 'unparsable'

export type AddressClass = 'public' | { readonly forbidden: AddressReason }

/** A block of addresses. `bytes` has 4 or 16 entries; bits after `bits` are zero. */
export interface AddressBlock {
  readonly bytes: readonly number[]
  readonly bits: number
}

/** The 4 or 16 bytes of a literal in its plain spelling; null for anything else, zone ids (`fe80::1%eth0`) included. */
export function addressBytes(address: string): readonly number[] | null {
  if (isIP(address) === 0 || address.includes('%')) return null
  return ipaddr.parse(address).toByteArray()
}

/** Whether two literals, however they are spelled, are one address. */
export function isSameAddress(a: string, b: string): boolean {
  return a === b || sameBytes(addressBytes(a), addressBytes(b))
}

export function sameBytes(a: readonly number[] | null, b: readonly number[] | null): boolean {
  return a !== null && b !== null && a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** `10.0.0.0/8`, `::1/128`, or a lone address as a block of one. Null when it cannot be read; bits after the prefix are kept. */
export function parseBlock(text: string): AddressBlock | null {
  const [address, prefix, ...rest] = text.split('/')
  const bytes = addressBytes(address ?? '')
  if (bytes === null || rest.length > 0) return null
  const width = bytes.length * 8
  if (prefix === undefined) return { bytes, bits: width }
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) return null
  return { bytes, bits: Number(prefix) }
}

/** Whether the block holds the address. A block of one family holds nothing of the other, mapped addresses included. */
export function blockHolds(block: AddressBlock, bytes: readonly number[]): boolean {
  if (bytes.length !== block.bytes.length) return false
  const whole = block.bits >> 3
  for (let i = 0; i < whole; i++) if (bytes[i] !== block.bytes[i]) return false
  const rest = block.bits & 7
  return rest === 0 || (bytes[whole]! ^ block.bytes[whole]!) >> (8 - rest) === 0
}

type Rule = readonly [block: AddressBlock, reason: AddressReason]

function rules(...table: readonly (readonly [string, AddressReason])[]): readonly Rule[] {
  return table.map(([text, reason]) => [parseBlock(text)!, reason])
}

/**
 * Cloud metadata services. They hand out credentials to whoever can reach them, some from addresses
 * that look public or that an operator might open as part of a wider network.
 */
const metadata = rules(
  ['169.254.169.254/32', 'metadata'], // AWS, Google, Azure, Oracle, DigitalOcean, Hetzner
  ['169.254.169.253/32', 'metadata'], // AWS resolver
  ['169.254.169.123/32', 'metadata'], // AWS time
  ['169.254.170.2/32', 'metadata'], // AWS container credentials
  ['169.254.170.23/32', 'metadata'], // AWS pod identity
  ['169.254.0.23/32', 'metadata'], // Tencent
  ['168.63.129.16/32', 'metadata'], // Azure wire server
  ['192.0.0.192/32', 'metadata'], // Oracle
  ['100.100.100.200/32', 'metadata'], // Alibaba
  ['fd00:ec2::254/128', 'metadata'], // AWS
  ['fd00:ec2::253/128', 'metadata'],
  ['fd00:ec2::123/128', 'metadata'],
  ['fd00:ec2::23/128', 'metadata'],
  ['fd20:ce::254/128', 'metadata'], // Google
)

const linkLocal = rules(['169.254.0.0/16', 'link_local'], ['fe80::/10', 'link_local'])

/** IANA's special-purpose registries, and what they leave out: multicast, class E, the old 6to4 relay. */
const special4 = rules(
  ['0.0.0.0/8', 'unspecified'],
  ['127.0.0.0/8', 'loopback'],
  ['10.0.0.0/8', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['100.64.0.0/10', 'shared'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['192.31.196.0/24', 'reserved'],
  ['192.52.193.0/24', 'reserved'],
  ['192.175.48.0/24', 'reserved'],
  ['192.88.99.0/24', 'transition'],
  ['198.18.0.0/15', 'benchmarking'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
)

const special6 = rules(
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'transition'], // IPv4-mapped
  ['::ffff:0:0:0/96', 'transition'], // IPv4-translated
  ['::/96', 'transition'], // IPv4-compatible
  ['64:ff9b:1::/48', 'transition'], // NAT64, local use
  ['100::/64', 'reserved'], // discard
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
  ['2001:2::/48', 'benchmarking'],
  ['2001::/32', 'transition'], // Teredo
  ['2001::/23', 'reserved'], // IETF protocol assignments, ORCHID
  ['2002::/16', 'transition'], // 6to4
  ['2620:4f:8000::/48', 'reserved'],
  ['5f00::/16', 'reserved'], // SRv6
  ['fc00::/7', 'private'],
  ['fec0::/10', 'private'], // site-local
  ['ff00::/8', 'multicast'],
)

const nat64 = parseBlock('64:ff9b::/96')!
const globalUnicast = parseBlock('2000::/3')!

function firstMatch(table: readonly Rule[], bytes: readonly number[]): AddressReason | null {
  for (const [block, reason] of table) if (blockHolds(block, bytes)) return reason
  return null
}

/**
 * What kind of address a literal is. Forms of IPv6 that carry an IPv4 address are forbidden, whatever
 * they carry, but for the well-known NAT64 prefix, which is how an IPv6-only host reaches public IPv4:
 * that one is judged by the address inside.
 */
export function classifyAddress(address: string): AddressClass {
  const bytes = addressBytes(address)
  return bytes === null ? { forbidden: 'unparsable' } : classifyBytes(bytes)
}

export function classifyBytes(bytes: readonly number[]): AddressClass {
  const named = firstMatch(metadata, bytes) ?? firstMatch(linkLocal, bytes)
  if (named !== null) return { forbidden: named }
  if (bytes.length === 4) {
    const reason = firstMatch(special4, bytes)
    return reason === null ? 'public' : { forbidden: reason }
  }
  if (blockHolds(nat64, bytes)) return classifyBytes(bytes.slice(12))
  const reason = firstMatch(special6, bytes)
  if (reason !== null) return { forbidden: reason }
  if (isIsatap(bytes)) return { forbidden: 'transition' }
  return blockHolds(globalUnicast, bytes) ? 'public' : { forbidden: 'reserved' }
}

/** RFC 5214: interface id `[0|2]00:5efe:` and an IPv4 address, under any prefix. */
function isIsatap(bytes: readonly number[]): boolean {
  return (bytes[8]! & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe
}

/**
 * Whether an operator's block opens an address. Link-local is opened only by a block inside link-local,
 * and a metadata service only by its own address, so that no wide block opens them by oversight.
 */
export function blockOpens(block: AddressBlock, bytes: readonly number[]): boolean {
  if (!blockHolds(block, bytes)) return false
  if (firstMatch(metadata, bytes) !== null) return block.bits === bytes.length * 8
  for (const [range] of linkLocal) {
    if (blockHolds(range, bytes)) return block.bits >= range.bits
  }
  return true
}
