import { PassThrough } from 'node:stream'
import { constants, createGzip, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { AppError } from '../core/errors.ts'
import { inflated } from './content-encoding.ts'

/** What came out, and the code of the refusal that ended it. */
async function inflate(chunks: readonly Buffer[], maxBytes: number | null = 1_000) {
  const payload = new PassThrough()
  const body = inflated(payload, maxBytes)
  for (const chunk of chunks) payload.write(chunk)
  payload.end()
  let bytes = 0
  try {
    for await (const chunk of body) bytes += (chunk as Buffer).length
    return { bytes, code: null, encoded: body.receivedEncodedLength }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { bytes, code: error.code, encoded: body.receivedEncodedLength }
  }
}

const hello = gzipSync('hello')
const bitFlipped = (at: number) => {
  const bytes = Buffer.from(hello)
  bytes[at]! ^= 1
  return bytes
}

test('a body comes out whole, in however many pieces it came', async () => {
  expect(await inflate([hello])).toEqual({ bytes: 5, code: null, encoded: hello.length })
  expect(await inflate([...hello].map((byte) => Buffer.from([byte])))).toMatchObject({ bytes: 5, code: null })
  // RFC 1952 §2.2: a file is one member or several, one after the other.
  expect(await inflate([Buffer.concat([hello, hello])])).toMatchObject({ bytes: 10, code: null })
  expect(await inflate([hello, hello])).toMatchObject({ bytes: 10, code: null })
})

test.each<[string, Buffer[]]>([
  ['no bytes at all', []],
  ['bytes that are no gzip', [Buffer.from('{"tenantId":1}')]],
  ['cut off within the header', [hello.subarray(0, 5)]],
  ['cut off within the checksum', [hello.subarray(0, -3)]],
  ['a wrong checksum', [bitFlipped(hello.length - 6)]],
  ['a wrong length', [bitFlipped(hello.length - 1)]],
  ['bytes behind the end', [Buffer.concat([hello, Buffer.from('junk')])]],
  ['bytes behind the end, in a piece of their own', [hello, Buffer.from('junk')]],
  ['zeros behind the end', [Buffer.concat([hello, Buffer.alloc(4)])]],
  ['zeros behind the end, in a piece of their own', [hello, Buffer.alloc(4)]],
  ['a second member that is cut off', [hello, hello.subarray(0, -1)]],
])('%s is refused', async (_name, chunks) => {
  expect((await inflate(chunks)).code).toBe('malformed_request')
})

describe('bombs', () => {
  const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024))

  test('a whole body is inflated as far as its limit', async () => {
    expect((await inflate([gzipSync(Buffer.alloc(1_000))])).code).toBeNull()
    expect(await inflate([gzipSync(Buffer.alloc(1_001))])).toMatchObject({ bytes: 0, code: 'payload_too_large' })
    const { bytes, code } = await inflate([zeros], 1024 * 1024)
    expect([code, bytes <= 1024 * 1024]).toEqual(['payload_too_large', true])
  })

  test('a stream may be of any length, but not of any ratio', async () => {
    const { bytes, code } = await inflate([zeros], null)
    expect(code).toBe('payload_too_large')
    expect(bytes).toBeLessThanOrEqual(16 * 1024 * 1024)
    const line = (index: number) => `{"tenantId":1,"type":"invoice.updated","entityId":"${index}"}\n`
    const lines = Buffer.from(Array.from({ length: 600_000 }, (_, index) => line(index)).join(''))
    expect(await inflate([gzipSync(lines)], null)).toMatchObject({ bytes: lines.length, code: null })
  })
})

test('what a client flushed comes out while the request is open', async () => {
  const gzip = createGzip()
  const payload = new PassThrough()
  const body = inflated(payload, null)
  gzip.pipe(payload)
  for (const text of ['one\n', 'two\n']) {
    gzip.write(text)
    gzip.flush(constants.Z_SYNC_FLUSH)
    const chunk = await new Promise((resolve) => body.once('data', resolve))
    expect(String(chunk)).toBe(text)
  }
})

test('a client that hangs up ends it', async () => {
  const payload = new PassThrough()
  const body = inflated(payload, null)
  const failed = new Promise<Error>((resolve) => body.once('error', resolve))
  payload.write(hello.subarray(0, 12))
  payload.destroy()
  expect(await failed).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
})
