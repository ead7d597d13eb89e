import { deflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { frame, RawClient } from './fixtures/raw-client.ts'
import { startStream, type TestStream } from './fixtures/stream.ts'

let at: TestStream
afterEach(async () => {
  await at.stop()
})

/** Sends bytes after the handshake and gives the code with which the server closes. */
async function codeFor(...chunks: Buffer[]): Promise<number | undefined> {
  const client = await RawClient.upgrade(at.port)
  client.socket.write(Buffer.concat(chunks))
  return client.closeCode()
}

/** 20 MiB of zeros. */
const bomb = deflateRawSync(Buffer.alloc(20 * 1024 * 1024))
const text = (payload: string) => frame(0x81, payload)
const listTenants = '{"command":"list-tenants-v1"}'

describe('frames', () => {
  it.each([
    ['H12 RSV1 without deflate', [frame(0xc1, 'x')], 1002],
    ['H12 RSV2', [frame(0xa1, 'x')], 1002],
    ['H25 a deflated bomb, though deflate is never agreed', [frame(0xc1, bomb)], 1002],
    ['H13 opcode 3', [frame(0x83, 'x')], 1002],
    ['H13 opcode 11', [frame(0x8b, 'x')], 1002],
    ['H15 a continuation first', [frame(0x80, 'x')], 1002],
    ['H15 a text inside a fragment', [frame(0x01, 'x'), frame(0x81, 'x')], 1002],
    ['H16 invalid UTF-8', [frame(0x81, Buffer.from([0xc3, 0x28]))], 1007],
    ['H16 invalid UTF-8 across fragments', [frame(0x01, Buffer.from([0xe2])), frame(0x80, Buffer.from([0x28]))], 1007],
    ['H17 one byte over the limit', [frame(0x81, Buffer.alloc(1024 * 1024 + 1, 0x20))], 1009],
    ['H19 65 fragments', [frame(0x01, 'x'), ...Array(64).fill(frame(0x00, 'x'))], 1008],
    [
      'H21 fragments whose sum passes the limit',
      [frame(0x01, Buffer.alloc(600_000, 0x20)), frame(0x80, Buffer.alloc(600_000, 0x20))],
      1009,
    ],
    ['H23 a close reason with bad UTF-8', [frame(0x88, Buffer.from([0x03, 0xe8, 0xff]))], 1007],
    ['a frame without a mask', [Buffer.from([0x81, 0x01, 0x78])], 1002],
    ['a control frame of 126 bytes', [frame(0x89, Buffer.alloc(126))], 1002],
    ['H28 2,000 pings in one write', Array(2_000).fill(frame(0x89)), 1008],
    ['H28 11 pongs in one write', Array(11).fill(frame(0x8a)), 1008],
  ])('%s', async (_, chunks, code) => {
    at = await startStream()
    expect(await codeFor(...chunks)).toBe(code)
    expect(at.errors).toEqual([])
  })

  it('takes a message of exactly the limit, in up to 64 fragments', async () => {
    at = await startStream()
    const client = await RawClient.upgrade(at.port)
    const command = Buffer.from(listTenants.padEnd(1024 * 1024))
    const part = command.length / 64
    for (let i = 0; i < 64; i++) {
      client.socket.write(frame(i === 0 ? 0x01 : i === 63 ? 0x80 : 0x00, command.subarray(i * part, (i + 1) * part)))
    }
    await client.until(() => client.received.includes('"tenantIds":[]'))
    client.socket.destroy()
  })

  it('H24 passes over what comes after the close frame', async () => {
    at = await startStream()
    expect(await codeFor(frame(0x88, Buffer.from([0x03, 0xe8])), text(listTenants), text('x'))).toBe(1000)
  })

  it('H27 takes a length that is not minimal', async () => {
    at = await startStream()
    const client = await RawClient.upgrade(at.port)
    const payload = Buffer.from(listTenants)
    const header = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, payload.length, 0, 0, 0, 0])
    client.socket.write(Buffer.concat([header, payload]))
    await client.until(() => client.received.includes('"tenantIds":[]'))
    client.socket.destroy()
  })

  it('answers a ping at once, with its bytes', async () => {
    at = await startStream()
    const client = await RawClient.upgrade(at.port)
    client.socket.write(frame(0x89, 'hello'))
    await client.until(() => client.received.length >= 7)
    expect(client.received.toString('hex')).toBe('8a0568656c6c6f')
    client.socket.destroy()
  })
})
