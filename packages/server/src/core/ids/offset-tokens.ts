import { type OffsetEncoder, offsetEncoder } from './offset.ts'

/** Offset tokens of one log, with the topic's part of the check made once for each topic. */
export function offsetTokens(epoch: number): (place: { readonly topic: string; readonly position: number }) => string {
  const encoders = new Map<string, OffsetEncoder>()
  return ({ topic, position }) => {
    let encoder = encoders.get(topic)
    if (!encoder) {
      encoder = offsetEncoder(epoch, topic)
      encoders.set(topic, encoder)
    }
    return encoder.encode(position)
  }
}
