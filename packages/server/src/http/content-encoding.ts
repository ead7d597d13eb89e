import { finished, type Readable, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../core/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes bodies with `Content-Encoding: gzip`. */
    takesGzip?: boolean
  }
}

/**
 * Deflate packs a run of one byte a thousand times, so a few megabytes can make a server busy for minutes. Streams of
 * events come out at ten to thirty times their size.
 */
const mostTimes = 100
/** So much is never too much: short streams repeat themselves most. */
const freeBytes = 16 * 1024 * 1024

/** @throws AppError `unsupported_media_type` for a coding that the route does not take */
export function refuseUnknownEncoding(request: FastifyRequest, reply: FastifyReply): void {
  const encoding = request.headers['content-encoding']
  if (encoding === undefined || isIdentity(encoding)) return
  const { takesGzip = false } = request.routeOptions.config
  if (takesGzip && isGzip(encoding)) return
  // RFC 9110 §15.5.16: says that the coding was the problem, and which to use.
  reply.header('accept-encoding', takesGzip ? 'gzip, identity' : 'identity')
  throw new AppError(
    'unsupported_media_type',
    takesGzip
      ? 'This content-encoding is not taken. Send the body with `Content-Encoding: gzip`, or uncompressed.'
      : 'Compressed bodies are not taken here. Send the body without content-encoding.',
  )
}

export function isCompressed({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding']
  return encoding !== undefined && isGzip(encoding)
}

/** The old name is the same coding (RFC 9110 §8.4.1.3). */
const isGzip = (encoding: string) => /^(?:x-)?gzip$/i.test(encoding)
const isIdentity = (encoding: string) => /^identity$/i.test(encoding)

/**
 * The body as it was before it was compressed, as it comes. It breaks off with an `AppError` when the bytes are not
 * gzip, end too early or are followed by others, or when it is larger than allowed: what is beyond is never inflated.
 *
 * @param maxBytes of a whole body; null: a stream of any length, of which `mostTimes` is asked
 */
export function inflated(payload: Readable, maxBytes: number | null): Readable & { receivedEncodedLength: number } {
  const gunzip = createGunzip()
  let received = 0
  let made = 0
  const isTooMuch = () => made > (maxBytes ?? Math.max(freeBytes, received * mostTimes))
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      made += chunk.length
      if (!isTooMuch()) done(null, chunk)
      else done(new AppError('payload_too_large', tooMuch(maxBytes)))
    },
    flush(done) {
      // The decoder stops at the zeros that tape drives append, and passes over what is behind.
      done(gunzip.bytesWritten === received ? null : notGzip())
    },
    destroy(error, done) {
      payload.unpipe(gunzip)
      gunzip.destroy()
      // What still comes of a refused body is thrown away, as it is where nothing is compressed.
      payload.resume()
      done(error)
    },
  })
  payload.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  gunzip.on('error', (error) => body.destroy(notGzip(error)))
  finished(payload, { writable: false }, (error) => error && body.destroy(error))
  payload.pipe(gunzip).pipe(body)
  // Fastify compares it with Content-Length.
  return Object.defineProperty(body as Transform & { receivedEncodedLength: number }, 'receivedEncodedLength', {
    get: () => received,
  })
}

function tooMuch(maxBytes: number | null): string {
  return maxBytes === null
    ? `The stream inflates to more than ${mostTimes} times what was sent. Send it uncompressed.`
    : `The body inflates to more than ${maxBytes} bytes. Send less at once, or send NDJSON.`
}

function notGzip(cause?: unknown): AppError {
  return new AppError(
    'malformed_request',
    'The body is not gzip data, is cut off, or has something behind its end. Compress it again and send it again.',
    { cause },
  )
}
