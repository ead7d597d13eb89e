import type { TenantId } from '../ids/tenant-id.ts'

/**
 * Words: an *event* says that an entity of a tenant changed. It is stored as canonical JSON text in
 * two pieces, because topic, offset and sequence stand between them on the native wire and are
 * only known later:
 *
 *   {<head>,"topic":"invoices","offset":"…","sequence":41,<tail>}
 *
 * head: "type","timestamp","tenantId","entityId" or "keys"          (never empty)
 * tail: "id","version","state","actor","attributes","data","changed" (only those given; "id" always)
 *
 * The text has no white space outside strings, and its numbers, escapes and key order are the
 * publisher's, to the letter.
 */

/** An event that passed validation and has no place in the log yet. */
export interface NewEvent {
  readonly topic: string
  readonly tenantId: TenantId
  readonly type: string
  /** The entity's id, or the composite key as canonical JSON text: what `ordering: entity` goes by. */
  readonly entityKey: string
  /** Raises no webhooks, though it is in the log. */
  readonly isQuiet: boolean
  /** The event's id: the publisher's own, or one made for it. */
  readonly id: string
  /**
   * Set when `id` is the publisher's own: 8 bytes of a hash over the event as published (without
   * defaults), as hex. Two events of a tenant with one id and one fingerprint are the same event.
   */
  readonly fingerprint: string | undefined
  readonly head: string
  readonly tail: string
}

/** Where an event stands in a log. Positions grow with each append within a partition and are never reused. */
export interface LogPlace {
  /** Of the log: `onlyPartition`. Positions of two partitions would not compare. */
  readonly partition: number
  readonly position: number
}

/** An event as it is read from the log. */
export interface StoredEvent extends LogPlace {
  readonly topic: string
  readonly tenantId: TenantId
  readonly type: string
  readonly entityKey: string
  readonly isQuiet: boolean
  /** When the log took it, epoch milliseconds. */
  readonly appendedAtMs: number
  readonly head: string
  readonly tail: string
}
