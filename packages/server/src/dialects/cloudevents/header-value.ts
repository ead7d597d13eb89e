/**
 * HTTP binding of CloudEvents 1.0, §3.1.3.2: whatever is not printable ASCII, and space, `"` and
 * `%`, goes as `%XX` of its UTF-8 bytes: `Euro €` is `Euro%20%E2%82%AC`.
 */
export function percentEncoded(text: string): string {
  return text.replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) => {
    let encoded = ''
    for (const byte of Buffer.from(character, 'utf8')) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    return encoded
  })
}
