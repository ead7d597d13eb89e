/**
 * A WebSocket text frame as a server sends it (RFC 6455, 5.2): one fragment, unmasked. Because it
 * is not masked, the same bytes are right for every connection.
 *
 *   81 | length, 7 bits                  | payload   up to 125 bytes
 *   81 | 7e | length, 16 bits big-endian | payload   up to 65,535
 *   81 | 7f | length, 64 bits big-endian | payload
 *
 * @param text ASCII only, so that its length is its bytes.
 */
export function textFrame(text: string): Buffer {
  const length = text.length
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headerBytes + length)
  frame[0] = 0x81
  if (headerBytes === 2) frame[1] = length
  else if (headerBytes === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(Math.floor(length / 0x1_0000_0000), 2)
    frame.writeUInt32BE(length % 0x1_0000_0000, 6)
  }
  frame.write(text, headerBytes, 'latin1')
  return frame
}
