import type { AnyCatalogue, CatalogueOf, EventShape, JsonObject } from './catalogue.ts'
import { fromJson, memberText, type RawJson } from './json-text.ts'
import type { TenantId } from './tenant-id.ts'

/** A value of this type, where every number may be given with more digits than a double has. */
export type WithDigits<T> = T extends number
  ? T | bigint | RawJson
  : T extends object
    ? { readonly [K in keyof T]: WithDigits<T[K]> }
    : T

/**
 * A change to tell. Numbers in `data`, `changed` and `attributes` may be `bigint` or `rawJson('…')`
 * where a double would lose digits.
 */
export type NewEvent<C extends CatalogueOf<C> = AnyCatalogue> = {
  [T in keyof C & string]: NewEventOf<T, C[T]>
}[keyof C & string]

interface NewEventOf<T extends string, Shape extends EventShape> {
  readonly tenantId: TenantId
  /** A type of the catalogue, as `invoice.updated`. */
  readonly type: T
  /** Up to 255 characters; or give `keys`. */
  readonly entityId?: string | undefined
  /** A composite key: one-pair objects, in order. */
  readonly keys?: readonly JsonObject[] | undefined
  /** Your own, up to 128 characters: the same event again is then answered with the first one's offset. */
  readonly id?: string | undefined
  /** RFC 3339; its digits are kept. Without it the server's time counts. */
  readonly time?: string | undefined
  readonly actor?: unknown
  readonly version?: number | string | bigint | undefined
  readonly state?: unknown
  readonly attributes?: WithDigits<Shape['attributes']> | undefined
  readonly data?: WithDigits<Shape['data']> | RawJson | undefined
  /** Changed columns and their new values: one-pair objects, in order. */
  readonly changed?: readonly JsonObject[] | undefined
  /** Raises no webhooks; it is still in the log. */
  readonly quiet?: boolean | undefined
}

/** An event as the feed, the stream and `standard` webhooks carry it. */
export type ReceivedEvent<C extends CatalogueOf<C> = AnyCatalogue> = {
  [T in keyof C & string]: ReceivedEventOf<T, C[T]>
}[keyof C & string]

export interface ReceivedEventOf<T extends string, Shape extends EventShape> {
  readonly type: T
  readonly timestamp: string
  readonly tenantId: TenantId
  readonly entityId?: string
  readonly keys?: readonly JsonObject[]
  readonly topic: Shape['topic']
  /** Where it stands in its topic: give it as `after` to go on from here. */
  readonly offset: string
  /** Webhooks only: grows by one with each event of the subscription. */
  readonly sequence?: number
  readonly id: string
  readonly version?: number | string
  readonly state?: unknown
  readonly actor?: unknown
  readonly attributes?: Shape['attributes']
  /**
   * Parsed by `JSON.parse`: numbers beyond a double are rounded here, and exact in `raw`. A subscription with `fields`
   * gets a part of it.
   */
  readonly data?: Shape['data']
  readonly changed?: readonly JsonObject[]
  /** The whole event as it came, every digit of it; `memberText(event.raw, 'data')` cuts a part out. Not enumerable. */
  readonly raw: string
}

/** @throws SyntaxError when the text is not JSON. */
export function readEvent(text: string): ReceivedEvent {
  const event = Object.defineProperty(JSON.parse(text), 'raw', { value: text, enumerable: false })
  const { tenantId } = event
  if (typeof tenantId === 'number' && !Number.isSafeInteger(tenantId))
    event.tenantId = fromJson(memberText(text, 'tenantId')!)
  return event
}
