import { describe, expect, it } from 'vitest'
import { admitsAddress, type EndpointPolicy, parseAllowNetworks, strictPolicy } from './endpoint-policy.ts'

function allowing(networks: string, more: Partial<EndpointPolicy> = {}): EndpointPolicy {
  const parsed = parseAllowNetworks(networks)
  if (!parsed.ok) throw new Error(parsed.errors.join())
  return { ...strictPolicy, allowNetworks: parsed.networks, ...more }
}

describe('parseAllowNetworks', () => {
  it('reads blocks, addresses and ports of both families', () => {
    const policy = allowing(' 127.0.0.0/8 , 10.1.2.3:9000,[::1]:80,fd00::/8,[fd01::]/16:443,')
    expect(policy.allowNetworks.map(({ block, port }) => [block.bytes.length, block.bits, port])).toEqual([
      [4, 8, null],
      [4, 32, 9000],
      [16, 128, 80],
      [16, 8, null],
      [16, 16, 443],
    ])
    expect(allowing('').allowNetworks).toEqual([])
  })

  it('names every entry that it cannot read', () => {
    const parsed = parseAllowNetworks('10.0.0.1/8,localhost,10.0.0.0/33,10.0.0.1:0,10.0.0.1:65536,::1:80x,[::1,1.2.3.4')
    expect(parsed.ok).toBe(false)
    if (parsed.ok) return
    expect(parsed.errors.map((error) => error.split('"')[1])).toEqual([
      '10.0.0.1/8',
      'localhost',
      '10.0.0.0/33',
      '10.0.0.1:0',
      '10.0.0.1:65536',
      '::1:80x',
      '[::1',
    ])
  })
})

describe('admitsAddress', () => {
  it('S190: an opened network holds on the listed port alone', () => {
    const policy = allowing('10.1.0.0/16:443')
    expect(admitsAddress('10.1.2.3', 443, policy)).toBe(true)
    expect(admitsAddress('10.1.2.3', 8443, policy)).toBe(false)
    expect(admitsAddress('10.2.2.3', 443, policy)).toBe(false)
    expect(admitsAddress('10.1.2.3', 443, strictPolicy)).toBe(false)
  })

  it('takes any port in an opened network, and only usual ones elsewhere', () => {
    const policy = allowing('127.0.0.0/8', { allowPorts: [9443] })
    expect(admitsAddress('127.0.0.1', 1, policy)).toBe(true)
    expect([443, 8443, 9443].every((port) => admitsAddress('93.184.216.34', port, policy))).toBe(true)
    expect([22, 80, 8080, 6379].some((port) => admitsAddress('93.184.216.34', port, policy))).toBe(false)
    expect(admitsAddress('93.184.216.34', 8080, { ...policy, allowHttp: true })).toBe(true)
  })

  it('S171: refuses this server itself under each of its addresses, unless opened with its port', () => {
    const own = { ownListeners: [{ address: '0.0.0.0', port: 8080 }], hostAddresses: ['10.0.0.7', '93.184.216.34'] }
    const policy = allowing('127.0.0.0/8,10.0.0.0/8,0.0.0.0', { ...own, allowHttp: true })
    for (const address of ['127.0.0.1', '127.9.9.9', '10.0.0.7', '93.184.216.34', '0.0.0.0']) {
      expect([address, admitsAddress(address, 8080, policy)]).toEqual([address, false])
    }
    expect(admitsAddress('127.0.0.1', 8081, policy)).toBe(true)
    expect(admitsAddress('10.0.0.8', 8080, policy)).toBe(true)
    expect(admitsAddress('127.0.0.1', 8080, allowing('127.0.0.1:8080', own))).toBe(true)

    const loopback = allowing('127.0.0.0/8,0.0.0.0', { ownListeners: [{ address: '127.0.0.1', port: 8080 }] })
    expect(admitsAddress('127.0.0.1', 8080, loopback)).toBe(false)
    expect(admitsAddress('0.0.0.0', 8080, loopback)).toBe(false)
    expect(admitsAddress('127.0.0.2', 8080, loopback)).toBe(true)
  })
})
