import type { DecodedOffset } from '../../core/ids/offset.ts'
import type { RequestedTopic } from './commands.ts'

/** What has to be known of the topics to place a connection in them. */
export interface TopicPlaces {
  has(topic: string): boolean
  decode(topic: string, offset: string): DecodedOffset
  /** Of the log, which all topics share. */
  bounds(): { readonly earliest: number; readonly latest: number }
}

export interface PlacedTopic {
  readonly topic: string
  /** Events after this position are shown. */
  readonly position: number
}

export type Placement =
  | { readonly kind: 'placed'; readonly topics: readonly PlacedTopic[] }
  | { readonly kind: 'invalid'; readonly topics: readonly string[]; readonly message: string }

/**
 * Where each topic starts: after its offset; at the earliest when that is older than what is kept;
 * at the end of the log without one.
 */
export function placeTopics(requested: readonly RequestedTopic[], places: TopicPlaces): Placement {
  const placed = new Map<string, number>()
  const reasons = new Map<string, string>()
  for (const { topic, offset } of requested) {
    // Adding a topic again changes nothing, within a message too.
    if (placed.has(topic) || reasons.has(topic)) continue
    const place = placeTopic(topic, offset, places)
    if (typeof place === 'string') reasons.set(topic, place)
    else placed.set(topic, place)
  }
  if (reasons.size === 0) {
    return { kind: 'placed', topics: Array.from(placed, ([topic, position]) => ({ topic, position })) }
  }
  return { kind: 'invalid', topics: [...reasons.keys()], message: [...new Set(reasons.values())].join(' ') }
}

function placeTopic(topic: string, offset: string | undefined, places: TopicPlaces): number | string {
  if (!places.has(topic)) return 'There is no such topic.'
  const { earliest, latest } = places.bounds()
  if (offset === undefined) return latest
  const decoded = places.decode(topic, offset)
  switch (decoded.kind) {
    case 'position':
      if (decoded.position > latest) return 'The offset is beyond the end of the topic.'
      return Math.max(decoded.position, earliest)
    case 'malformed':
      return 'The offset is not one of this topic, or has a typing error.'
    case 'other-topic':
      return 'The offset is one of another topic.'
    case 'other-log':
      return 'The offset is one of another log, as of another server or from before a loss of data; leave it out, or start at an offset of this log.'
  }
  decoded satisfies never
}
