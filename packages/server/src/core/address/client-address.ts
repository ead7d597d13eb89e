import { type AddressBlock, addressBytes, blockHolds } from './address.ts'

/**
 * What counts as one client when requests and connections are counted: an IPv4 address, also when it comes mapped
 * into IPv6, or the /64 network of an IPv6 address, because a single machine has all of it. What is no address
 * stands for itself.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address)
  const bytes = addressBytes(plain)
  if (bytes === null || bytes.length === 4) return plain
  const groups = [0, 2, 4, 6].map((at) => ((bytes[at]! << 8) | bytes[at + 1]!).toString(16))
  return `${groups.join(':')}::/64`
}

/**
 * Who stands behind trusted proxies: the first address, from the socket's backwards through `X-Forwarded-For`, that is
 * no trusted proxy. What stands further back was written by somebody who is not believed.
 */
export function clientAddress(
  socketAddress: string,
  forwardedFor: string | undefined,
  proxies: readonly AddressBlock[],
): string {
  const before = (forwardedFor ?? '').split(',').map((text) => text.trim())
  const chain = [...before.filter((text) => text !== ''), socketAddress].reverse()
  return chain.find((address) => !isIn(proxies, address)) ?? chain.at(-1)!
}

/** Whether an address is in one of the blocks. */
export function isIn(blocks: readonly AddressBlock[], address: string): boolean {
  const bytes = addressBytes(plainAddress(address))
  return bytes !== null && blocks.some((block) => blockHolds(block, bytes))
}

/** Without the zone of a link, and an IPv4 address as such though it comes mapped into IPv6. */
function plainAddress(address: string): string {
  const [bare = ''] = address.split('%')
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare
}
