import { mixInteger, mixNumber, mixText } from './check-mix.ts'

/**
 * An offset names a position in a topic, for everyone outside.
 *
 *   offset   = 8 to 16 of A-Z a-z 0-9 - _ (12 from position 2^24 to 2^30)
 *   bits     = check:24 epoch:16 position:6k, the first character holding 4 bits, the others 6
 *   version  = the first character: A to P is this one, all others are left to later ones
 *
 * The check covers topic, epoch and position, so a mistyped token, or one of another topic, is
 * recognized. Epoch and position are blurred with bits drawn from the check: neighbours look
 * nothing alike, and nobody is tempted to count or compare.
 */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const codes = Uint8Array.from(alphabet, (char) => char.charCodeAt(0))
const values = new Int8Array(128).fill(-1)
codes.forEach((code, value) => {
  values[code] = value
})

const fixedLength = 7
const longestLength = fixedLength + 9
const version = 0x54_49_44_01

export interface OffsetEncoder {
  /** @param position 0 to 2^53-1; 0 is the place before the first event. */
  encode(position: number): string
}

/** Encodes many positions of one topic. */
export function offsetEncoder(epoch: number, topic: string): OffsetEncoder {
  const seed = seedOf(epoch, topic)
  return { encode: (position) => encodeSeeded(seed, epoch, position) }
}

export function encodeOffset(place: {
  readonly epoch: number
  readonly topic: string
  readonly position: number
}): string {
  return encodeSeeded(seedOf(place.epoch, place.topic), place.epoch, place.position)
}

export type DecodedOffset =
  | { readonly kind: 'position'; readonly position: number }
  /** Not an offset, or one with a typing error. */
  | { readonly kind: 'malformed' }
  /** An offset of one of the known topics, of this log. */
  | { readonly kind: 'other-topic'; readonly topic: string }
  /** An offset of a log with another epoch: one that was lost or rebuilt, or another server's. */
  | { readonly kind: 'other-log' }

/**
 * Reads a token as an offset of `topic`. Without `knownTopics` an offset of another topic is
 * `malformed`, because only the right topic makes sense of it.
 */
export function decodeOffset(
  token: string,
  place: { readonly epoch: number; readonly topic: string; readonly knownTopics?: Iterable<string> },
): DecodedOffset {
  const fields = splitToken(token)
  if (!fields) return { kind: 'malformed' }
  if (matches(fields, place.topic)) {
    return fields.epoch === place.epoch ? { kind: 'position', position: fields.position } : { kind: 'other-log' }
  }
  for (const topic of place.knownTopics ?? []) {
    if (topic !== place.topic && matches(fields, topic)) {
      return fields.epoch === place.epoch ? { kind: 'other-topic', topic } : { kind: 'other-log' }
    }
  }
  return { kind: 'malformed' }
}

interface TokenFields {
  readonly check: number
  readonly epoch: number
  readonly position: number
}

function matches(fields: TokenFields, topic: string): boolean {
  return checkOf(seedOf(fields.epoch, topic), fields.position) === fields.check
}

function seedOf(epoch: number, topic: string): number {
  return mixNumber(mixNumber(mixText(topic), epoch), version)
}

function checkOf(seed: number, position: number): number {
  return mixInteger(seed, position) >>> 8
}

/** Bits to blur with: for the epoch, for the low 30 bits of the position, for the rest. */
const blurEpoch = (check: number) => mixNumber(version, check) & 0xffff
const blurLow = (check: number) => mixNumber(check, version) & 0x3fff_ffff
const blurHigh = (check: number) => mixNumber(~check, version) & 0xff_ffff

function encodeSeeded(seed: number, epoch: number, position: number): string {
  const check = checkOf(seed, position)
  const mark = epoch ^ blurEpoch(check)
  const count = digitsOf(position)
  const low = (position % 0x4000_0000) ^ blurLow(check)
  const a = codes[check >>> 20]!
  const b = codes[(check >>> 14) & 63]!
  const c = codes[(check >>> 8) & 63]!
  const d = codes[(check >>> 2) & 63]!
  const e = codes[((check & 3) << 4) | (mark >>> 12)]!
  const f = codes[(mark >>> 6) & 63]!
  const g = codes[mark & 63]!
  const p0 = codes[low & 63]!
  const p1 = codes[(low >>> 6) & 63]!
  const p2 = codes[(low >>> 12) & 63]!
  const p3 = codes[(low >>> 18) & 63]!
  const p4 = codes[(low >>> 24) & 63]!
  // Spelled out by length, because a call with a spread array costs several times as much.
  switch (count) {
    case 1:
      return String.fromCharCode(a, b, c, d, e, f, g, p0)
    case 2:
      return String.fromCharCode(a, b, c, d, e, f, g, p0, p1)
    case 3:
      return String.fromCharCode(a, b, c, d, e, f, g, p0, p1, p2)
    case 4:
      return String.fromCharCode(a, b, c, d, e, f, g, p0, p1, p2, p3)
    case 5:
      return String.fromCharCode(a, b, c, d, e, f, g, p0, p1, p2, p3, p4)
    default: {
      let token = String.fromCharCode(a, b, c, d, e, f, g, p0, p1, p2, p3, p4)
      let high = Math.floor(position / 0x4000_0000) ^ blurHigh(check)
      for (let i = 5; i < count; i++, high >>>= 6) token += alphabet[high & 63]
      return token
    }
  }
}

function splitToken(token: string): TokenFields | undefined {
  const length = token.length
  if (length <= fixedLength || length > longestLength) return undefined
  const digit = (index: number) => values[token.charCodeAt(index)] ?? -1
  for (let i = 0; i < length; i++) if (digit(i) < 0) return undefined
  if (digit(0) > 15) return undefined
  const check = (digit(0) << 20) | (digit(1) << 14) | (digit(2) << 8) | (digit(3) << 2) | (digit(4) >>> 4)
  const epoch = (((digit(4) & 15) << 12) | (digit(5) << 6) | digit(6)) ^ blurEpoch(check)
  const count = length - fixedLength
  let low = 0
  for (let i = Math.min(count, 5) - 1; i >= 0; i--) low = (low << 6) | digit(fixedLength + i)
  let high = 0
  for (let i = count - 1; i >= 5; i--) high = (high << 6) | digit(fixedLength + i)
  low ^= blurLow(check) & (count >= 5 ? 0x3fff_ffff : (1 << (6 * count)) - 1)
  if (count > 5) high ^= blurHigh(check) & ((1 << (6 * (count - 5))) - 1)
  const position = high * 0x4000_0000 + low
  // Each position has one spelling: with digits to spare it is not ours.
  return Number.isSafeInteger(position) && digitsOf(position) === count ? { check, epoch, position } : undefined
}

/** How many base-64 digits a position needs, at least 1. */
function digitsOf(position: number): number {
  let count = 1
  for (let limit = 64; position >= limit; limit *= 64) count++
  return count
}
