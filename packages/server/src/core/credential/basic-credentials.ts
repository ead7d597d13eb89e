const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The user id and password of RFC 7617: base64 of `id:password` in UTF-8. Undefined for what is no such text. Decoders
 * pass over what is no base64, over unused bits, and put U+FFFD for bytes that are no UTF-8, so many texts would stand
 * for the same credentials: only the one that encoding them gives is read.
 */
export function readBasicCredentials(encoded: string): { readonly id: string; readonly password: string } | undefined {
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return undefined
  let text: string
  try {
    text = strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { id: text.slice(0, colon), password: text.slice(colon + 1) }
}
