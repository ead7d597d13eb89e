import { AppError } from '../core/errors.ts'
import { knownMethods } from './caller-guard.ts'

/** Of the request line and the headers together. */
export const maxHeaderBytes = 16 * 1024

export type ParseError = NodeJS.ErrnoException & {
  readonly rawPacket?: Buffer
  /** Of the packet, up to where it was no HTTP any more. */
  readonly bytesParsed?: number
}

/** A request line as HTTP/1.1 has it, whatever its method. */
const requestLine = /^(?:\r\n)*[!#$%&'*+.^`|~\w-]+ \S+ HTTP\/1\.[01]\r\n/

/** Why Node's parser gave a connection up, as a refusal. */
export function clientProblem({ code, rawPacket, bytesParsed = 0 }: ParseError): AppError {
  const text = rawPacket?.toString('latin1') ?? ''
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      // The line has not ended where all that is taken has.
      if (/^[A-Z]+ /.test(text) && !text.includes('\r\n')) return uriTooLong
      if (/^[A-Z]+ /.test(text) && text.indexOf('\r\n') > maxHeaderBytes) return uriTooLong
      return new AppError(
        'headers_too_large',
        `The URL and the headers may together have at most ${maxHeaderBytes} bytes.`,
      )
    case 'HPE_INVALID_METHOD':
      // Earlier requests may stand in the same packet.
      return requestLine.test(text.slice(text.lastIndexOf('\n', bytesParsed - 1) + 1))
        ? new AppError('not_implemented', `The server knows the methods ${knownMethods.join(', ')}.`)
        : new AppError('malformed_request', 'This is not an HTTP/1.1 request.')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('request_timeout', 'The headers did not arrive within 15 seconds.')
    default:
      return new AppError('malformed_request', 'This is not an HTTP/1.1 request.')
  }
}

const uriTooLong = new AppError('uri_too_long', `The URL may have at most ${maxHeaderBytes} bytes, with the headers.`)
