/** Of one call to the source: a call costs about as much for a few bytes as for thousands. */
const blockBytes = 4_096

/** Hands out random bytes from blocks; no byte is handed out twice. For up to 4,096 at a time. */
export function randomPool(source: (size: number) => Uint8Array): (size: number) => Uint8Array {
  let block: Uint8Array = new Uint8Array(0)
  let at = 0
  return (size) => {
    if (at + size > block.length) {
      block = source(blockBytes)
      at = 0
    }
    at += size
    return block.subarray(at - size, at)
  }
}
