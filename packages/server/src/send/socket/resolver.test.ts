import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addressesInHosts, createSystemResolver } from './resolver.ts'

const typeA = 1
const typeAaaa = 28

interface Zone {
  readonly [name: string]:
    | { readonly a?: readonly string[]; readonly aaaa?: readonly Buffer[] }
    | 'servfail'
    | undefined
}

/** A name server on loopback that knows these names and no others (RFC 1035 §4). */
async function startNameServer(zone: Zone): Promise<string> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12)
    const question = query.subarray(12, end + 5)
    const labels: string[] = []
    for (let at = 12; at < end; at += query[at]! + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!))
    const type = query.readUInt16BE(end + 1)
    const found = zone[labels.join('.').toLowerCase()]
    const records =
      typeof found !== 'object' ? [] : type === typeA ? (found.a ?? []) : type === typeAaaa ? (found.aaaa ?? []) : []
    const answers = records.map((record) => {
      const data = typeof record === 'string' ? Buffer.from(record.split('.').map(Number)) : record
      const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length])
      return Buffer.concat([head, data])
    })
    const code = found === 'servfail' ? 2 : found === undefined ? 3 : 0
    const header = Buffer.from([query[0]!, query[1]!, 0x81, 0x80 | code, 0, 1, 0, answers.length, 0, 0, 0, 0])
    socket.send(Buffer.concat([header, question, ...answers]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => {
    socket.close()
  })
  return `127.0.0.1:${socket.address().port}`
}

describe('createSystemResolver', () => {
  it('gives the addresses of both families', async () => {
    const v6 = Buffer.from('26064700470000000000000000001111', 'hex')
    const server = await startNameServer({
      'both.test': { a: ['93.184.216.34', '10.0.0.5'], aaaa: [v6] },
      'v4.test': { a: ['93.184.216.34'] },
      'v6.test': { aaaa: [v6] },
    })
    const resolver = createSystemResolver({ servers: [server] })
    expect([...(await resolver.resolve('both.test'))].sort()).toEqual([
      '10.0.0.5',
      '2606:4700:4700::1111',
      '93.184.216.34',
    ])
    expect(await resolver.resolve('v4.test')).toEqual(['93.184.216.34'])
    expect(await resolver.resolve('v6.test')).toEqual(['2606:4700:4700::1111'])
  })

  it('rejects for names that do not exist, have no address, or fail', async () => {
    const resolver = createSystemResolver({
      servers: [await startNameServer({ 'empty.test': {}, 'broken.test': 'servfail' })],
    })
    await expect(resolver.resolve('unknown.test')).rejects.toThrow('ENOTFOUND')
    await expect(resolver.resolve('empty.test')).rejects.toThrow('ENODATA')
    await expect(resolver.resolve('broken.test')).rejects.toThrow('ESERVFAIL')
  })
})

it('addressesInHosts reads the host file', () => {
  const text =
    '127.0.0.1\tlocalhost\n# 10.0.0.1 off.example.com\n10.0.0.2  ERP.example.com erp # main\n::1 erp.example.com\n'
  expect(addressesInHosts(text, 'erp.example.com')).toEqual(['10.0.0.2', '::1'])
  expect(addressesInHosts(text, 'off.example.com')).toEqual([])
})
