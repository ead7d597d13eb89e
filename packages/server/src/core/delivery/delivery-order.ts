import { decodeCursor, encodeCursor } from '../ids/cursor.ts'
import type { DeliveryKey } from './delivery.ts'

/** A delivery's place in a list: when it was last attempted, or falls due if it waits. */
export interface DeliveryPlace extends DeliveryKey {
  readonly timeMs: number
}

/** The order of every list of deliveries: newest first, and by key where the time is the same. */
export function byNewest(a: DeliveryPlace, b: DeliveryPlace): number {
  return b.timeMs - a.timeMs || b.subscription - a.subscription || b.partition - a.partition || b.position - a.position
}

export function encodeDeliveryCursor(last: DeliveryPlace): string {
  return encodeCursor([last.timeMs, last.subscription, last.partition, last.position])
}

/** @throws AppError `invalid_request` */
export function decodeDeliveryCursor(cursor: string): DeliveryPlace {
  const [timeMs, subscription, partition, position] = decodeCursor(cursor, ['number', 'number', 'number', 'number'])
  return { timeMs, subscription, partition, position }
}
