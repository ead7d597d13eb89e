/**
 * The 32-bit mix behind the checks of offsets and delivery ids. It finds mistakes, it does not stop
 * forgers: whoever may read a topic may name any position in it anyway.
 */

/** The hash of a text, as the start of a mix. */
export function mixText(text: string): number {
  let hash = 0x7f4a7c15
  for (let i = 0; i < text.length; i++) hash = mixNumber(hash, text.charCodeAt(i))
  return mixNumber(hash, text.length)
}

/** Takes 32 more bits into a hash. For a fixed hash it is a bijection, so two values never meet in one step. */
export function mixNumber(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca77)
  return h ^ (h >>> 13)
}

/** Takes a safe integer into a hash. */
export function mixInteger(hash: number, value: number): number {
  return mixNumber(mixNumber(hash, value | 0), Math.floor(value / 0x1_0000_0000))
}
