import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressBytes, blockOpens, classifyAddress, parseBlock } from './address.ts'

describe('classifyAddress', () => {
  it.each([
    ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
    ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
    ['private', '10.0.0.5', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fdff:ffff::1', 'fec0::1'],
    ['private', 'fd7a:115c:a1e0::1'],
    ['shared', '100.64.0.1', '100.127.255.255'],
    ['link_local', '169.254.0.1', 'fe80::1', 'febf::1'],
    ['metadata', '169.254.169.254', '169.254.170.2', '168.63.129.16', '192.0.0.192', '100.100.100.200'],
    ['metadata', 'fd00:ec2::254', 'fd20:ce::254'],
    ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
    ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
    ['benchmarking', '198.18.0.1', '198.19.255.255', '2001:2::1'],
    ['transition', '192.88.99.1', '2002:7f00:1::', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['transition', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::a9fe:a9fe', '::8.8.8.8', '64:ff9b:1::8.8.8.8'],
    ['transition', '::ffff:0:127.0.0.1', '2001:470:1f0b::5efe:10.0.0.1', '2001:470:1f0b::200:5efe:a00:1'],
    ['reserved', '192.0.0.8', '240.0.0.1', '255.255.255.255', '100::1', '5f00::1', '2001:10::1', '4000::1'],
    ['unparsable', 'fe80::1%eth0', '0x7f.1', '127.1', 'localhost', '', '1.2.3.04'],
  ])('%s', (reason, ...addresses) => {
    for (const address of addresses) {
      expect([address, classifyAddress(address)]).toEqual([address, { forbidden: reason }])
    }
  })

  it.each(['93.184.216.34', '100.128.0.1', '172.32.0.1', '192.0.1.1', '2606:4700:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(classifyAddress(address)).toBe('public'),
  )

  it('judges the NAT64 prefix by the address inside', () => {
    expect(classifyAddress('64:ff9b::93.184.216.34')).toBe('public')
    expect(classifyAddress('64:ff9b::10.0.0.1')).toEqual({ forbidden: 'private' })
    expect(classifyAddress('64:ff9b::169.254.169.254')).toEqual({ forbidden: 'metadata' })
  })

  it('calls no IPv6 address public that carries a forbidden IPv4 address in a known form', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(octet, octet, octet, (b, c, d) => {
        const hex = (x: number, y: number) => ((x << 8) | y).toString(16)
        const v4 = `${hex(10, b)}:${hex(c, d)}`
        for (const form of [`::ffff:${v4}`, `::${v4}`, `64:ff9b::${v4}`, `2002:${v4}::1`, `2a00:1::5efe:${v4}`]) {
          expect(classifyAddress(form)).not.toBe('public')
        }
      }),
    )
  })
})

describe('blockOpens', () => {
  const opens = (block: string, address: string) => blockOpens(parseBlock(block)!, addressBytes(address)!)

  it('opens what the block holds', () => {
    expect(opens('10.1.0.0/16', '10.1.2.3')).toBe(true)
    expect(opens('10.1.0.0/16', '10.2.0.1')).toBe(false)
    expect(opens('10.0.0.0/9', '10.127.255.255')).toBe(true)
    expect(opens('10.0.0.0/9', '10.128.0.0')).toBe(false)
    expect(opens('::1', '::1')).toBe(true)
    expect(opens('127.0.0.0/8', '::ffff:127.0.0.1')).toBe(false)
  })

  it('opens link-local only to a block inside it, and metadata only by address', () => {
    expect(opens('0.0.0.0/0', '169.254.1.1')).toBe(false)
    expect(opens('169.254.0.0/16', '169.254.1.1')).toBe(true)
    expect(opens('169.254.0.0/16', '169.254.169.254')).toBe(false)
    expect(opens('169.254.169.254', '169.254.169.254')).toBe(true)
    expect(opens('fd00::/8', 'fd00:ec2::254')).toBe(false)
    expect(opens('::/0', 'fe80::1')).toBe(false)
  })
})
