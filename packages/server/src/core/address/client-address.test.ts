import { expect, it } from 'vitest'
import { parseBlock } from './address.ts'
import { clientAddress, networkOf } from './client-address.ts'

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::1', '2001:db8:1:2::/64'],
  // One network, however its addresses are shortened.
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8::ffff:1', '2001:db8:0:0::/64'],
  ['2001:db8:0:0:9::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['', ''],
  ['int_1aB', 'int_1aB'],
])('counts %s as %s', (address, key) => {
  expect(networkOf(address)).toBe(key)
})

const proxies = ['10.0.0.0/8', '2001:db8::1'].map((text) => parseBlock(text)!)

it.each([
  ['198.51.100.1', undefined, '198.51.100.1'],
  // Not by a proxy of ours: it may write what it likes.
  ['198.51.100.1', '203.0.113.7', '198.51.100.1'],
  ['10.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['::ffff:10.0.0.1', ' 203.0.113.7 ', '203.0.113.7'],
  ['2001:db8::1', '203.0.113.7, 10.0.0.2', '203.0.113.7'],
  // Addresses that the client itself sent stand further left.
  ['10.0.0.1', '192.0.2.9, 203.0.113.7', '203.0.113.7'],
  ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['10.0.0.1', undefined, '10.0.0.1'],
  ['10.0.0.1', '', '10.0.0.1'],
  ['10.0.0.1', 'unknown', 'unknown'],
])('from %s, forwarded for %s: it is %s', (socket, forwardedFor, client) => {
  expect(clientAddress(socket, forwardedFor, proxies)).toBe(client)
})
