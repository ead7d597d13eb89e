import { TextDecoder } from 'node:util'

/**
 * The kept beginning of an answer as text for people: decoded by the charset that its `Content-Type` names,
 * UTF-8 without one, with replacement characters for what is not of it. An answer that is compressed is said to be
 * and shown no further: a few bytes can unpack to gigabytes, and whoever was asked for `identity` and
 * compresses all the same has the choice of them.
 */
export function answerText(
  bytes: Buffer,
  answer: {
    readonly contentType: string | null
    /** `Content-Encoding` and transfer codings, as they came. */
    readonly codings: readonly string[]
    /** False when the bytes may end in the middle of a character. */
    readonly isWhole: boolean
  },
): string {
  if (bytes.length === 0) return ''
  const codings = answer.codings.filter((coding) => coding !== 'identity' && coding !== 'chunked')
  if (codings.length > 0) {
    return `[compressed (${codings.join(', ').slice(0, 100)}); Tidings asks for uncompressed answers and unpacks none]`
  }
  return decoderOf(answer.contentType).decode(bytes, { stream: !answer.isWhole })
}

/** A new one for each answer: with `stream` it keeps what it could not decode. */
function decoderOf(contentType: string | null): TextDecoder {
  const charset = /;[ \t]{0,8}charset[ \t]{0,8}=[ \t]{0,8}"?([^\s;",]{1,40})/i.exec(contentType ?? '')?.[1]
  try {
    return new TextDecoder(charset ?? 'utf-8')
  } catch {
    return new TextDecoder()
  }
}
