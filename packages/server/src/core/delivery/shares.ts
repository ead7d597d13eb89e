/**
 * Subscriptions are divided into shares, by their number. A share has one owner at a time, who reads, sends and settles
 * for its subscriptions; an owner may have any number of shares. Embedded, one process owns every share.
 */
export const shareCount = 128

/** Some of the shares: 0 to `shareCount - 1`. */
export type Shares = ReadonlySet<number>

export const everyShare: Shares = new Set(Array.from({ length: shareCount }, (_, share) => share))

/** @param subscription its number */
export function shareOf(subscription: number): number {
  return subscription % shareCount
}

/** The one share that a subscription is in. */
export function sharesOf(subscription: number): Shares {
  return new Set([shareOf(subscription)])
}
