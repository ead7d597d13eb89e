import {
  type AddressBlock,
  addressBytes,
  blockHolds,
  blockOpens,
  classifyBytes,
  parseBlock,
  sameBytes,
} from './address.ts'

/** A network that is not public and that the operator opened to endpoints. */
export interface AllowedNetwork {
  readonly block: AddressBlock
  /** Null: any port. */
  readonly port: number | null
}

/** A socket that this server listens on; the address may be `0.0.0.0` or `::`. */
export interface OwnListener {
  readonly address: string
  readonly port: number
}

/** What the operator allows endpoints to be. */
export interface EndpointPolicy {
  readonly allowHttp: boolean
  readonly allowNetworks: readonly AllowedNetwork[]
  /** Beside 443 and 8443 (and 80 and 8080 with http). */
  readonly allowPorts: readonly number[]
  /** May grow while the server starts: it is read anew for every connection. */
  readonly ownListeners: readonly OwnListener[]
  /** Addresses of this host's interfaces: where a listener on a wildcard address can be reached. */
  readonly hostAddresses: readonly string[]
  /** Host names under which this server is published, lower case. */
  readonly ownNames: readonly string[]
}

/** Public https endpoints alone. */
export const strictPolicy: EndpointPolicy = {
  allowHttp: false,
  allowNetworks: [],
  allowPorts: [],
  ownListeners: [],
  hostAddresses: [],
  ownNames: [],
}

export type ParsedNetworks =
  | { readonly ok: true; readonly networks: readonly AllowedNetwork[] }
  | { readonly ok: false; readonly errors: readonly string[] }

/**
 * Reads `127.0.0.0/8,10.1.2.3:9000,[::1]:80,fd00::/8`: a comma list of addresses or CIDR blocks, each
 * with an optional port; IPv6 with a port stands in brackets. Names every entry that cannot be read.
 */
export function parseAllowNetworks(text: string): ParsedNetworks {
  const networks: AllowedNetwork[] = []
  const errors: string[] = []
  for (const raw of text.split(',')) {
    const entry = raw.trim()
    if (entry === '') continue
    const network = parseNetwork(entry)
    if (typeof network === 'string') errors.push(`"${entry}": ${network}`)
    else networks.push(network)
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, networks }
}

function parseNetwork(entry: string): AllowedNetwork | string {
  const bracketed = /^\[([^\]]*)\](\/\d+)?(?::(.*))?$/.exec(entry)
  const plain = /^([^:]*)(?::([^:]*))?$/.exec(entry)
  const [network, portText] = bracketed
    ? [`${bracketed[1]}${bracketed[2] ?? ''}`, bracketed[3]]
    : plain
      ? [plain[1]!, plain[2]]
      : [entry, undefined]
  const block = parseBlock(network)
  if (block === null) {
    return 'not an address or CIDR block; write 10.0.0.0/8, 10.1.2.3:9000, fd00::/8 or [fd00::1]:9000 (names are not taken)'
  }
  if (hasHostBits(block)) return 'bits are set after the prefix; write the first address of the block'
  if (portText === undefined) return { block, port: null }
  const port = parsePort(portText)
  return port === null ? 'the port must be from 1 to 65535' : { block, port }
}

function hasHostBits(block: AddressBlock): boolean {
  return block.bytes.some((byte, i) => {
    const kept = Math.max(0, Math.min(8, block.bits - i * 8))
    return (byte & (0xff >> kept)) !== 0
  })
}

export function parsePort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : null
}

export function isPublicPort(port: number, policy: EndpointPolicy): boolean {
  return (
    port === 443 ||
    port === 8443 ||
    (policy.allowHttp && (port === 80 || port === 8080)) ||
    policy.allowPorts.includes(port)
  )
}

/**
 * Whether a connection to this address and port may be made. Public addresses on an allowed port, and
 * what the operator opened; never this server itself, unless opened with its very port.
 */
export function admitsAddress(address: string, port: number, policy: EndpointPolicy): boolean {
  const bytes = addressBytes(address)
  if (bytes === null) return false
  const opening = policy.allowNetworks.filter(
    (network) => (network.port === null || network.port === port) && blockOpens(network.block, bytes),
  )
  if (opening.some((network) => network.port !== null)) return true
  if (isOwnListener(bytes, port, policy)) return false
  return opening.length > 0 || (classifyBytes(bytes) === 'public' && isPublicPort(port, policy))
}

const loopback = [parseBlock('127.0.0.0/8')!, parseBlock('::1/128')!]
const unspecified = [parseBlock('0.0.0.0/32')!, parseBlock('::/128')!]
const isIn = (blocks: readonly AddressBlock[], bytes: readonly number[]) =>
  blocks.some((block) => blockHolds(block, bytes))

function isOwnListener(bytes: readonly number[], port: number, policy: EndpointPolicy): boolean {
  return policy.ownListeners.some((listener) => {
    if (listener.port !== port) return false
    const own = addressBytes(listener.address)
    if (own === null) return false
    if (sameBytes(own, bytes)) return true
    // Connecting to the unspecified address reaches loopback.
    if (isIn(unspecified, bytes)) return isIn(loopback, own) || isIn(unspecified, own)
    if (!isIn(unspecified, own)) return false
    return isIn(loopback, bytes) || policy.hostAddresses.some((host) => sameBytes(addressBytes(host), bytes))
  })
}

/** Whether the operator opened this host's loopback on the port, so that `localhost` can name an endpoint. */
export function admitsLocalhost(port: number, policy: EndpointPolicy): boolean {
  return admitsAddress('127.0.0.1', port, policy) || admitsAddress('::1', port, policy)
}
