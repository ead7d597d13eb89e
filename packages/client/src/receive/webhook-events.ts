import type { AnyCatalogue, CatalogueOf, EventShape, JsonObject, NameIn } from '../catalogue.ts'
import type { ReceivedEvent } from '../event.ts'

/** An integer of up to 19 digits: a `bigint` where a double does not hold it. */
export type WideInteger = number | bigint

/** What every one of them has: its text as it came, every digit of it. Not enumerable. */
interface WithText {
  readonly raw: string
}

/** An event of CloudEvents 1.0, in whichever mode it came. Of one in binary mode, `raw` is the text of `data`. */
export type CloudEvent<C extends CatalogueOf<C> = AnyCatalogue> = {
  [T in keyof C & string]: CloudEventOf<T, C[T]>
}[keyof C & string]

interface CloudEventOf<T extends string, Shape extends EventShape> extends WithText {
  readonly specversion: string
  readonly id: string
  readonly source: string
  readonly type: T
  readonly subject?: string
  readonly time?: string
  readonly datacontenttype?: string
  readonly tenantid: string
  readonly topic: Shape['topic']
  readonly offset: string
  /** Digits, padded so that they sort as text. */
  readonly sequence?: string
  readonly data: {
    readonly entityId?: string
    readonly keys?: readonly JsonObject[]
    readonly version?: number | string
    readonly state?: unknown
    readonly actor?: unknown
    readonly attributes?: Shape['attributes']
    readonly data?: Shape['data']
    readonly changed?: readonly JsonObject[]
  }
}

export interface TripletexEvent<C extends CatalogueOf<C> = AnyCatalogue> extends WithText {
  readonly subscriptionId: number
  /** As `product.update`. */
  readonly event: NameIn<C, 'tripletex'>
  /** The entity's. */
  readonly id: WideInteger | string
  /** The entity after the subscription's `fields`; null once it is deleted. */
  readonly value: JsonObject | null
}

export interface VismaBusinessNxtEvent extends WithText {
  readonly tableIdentifier: string
  readonly customerNo: WideInteger
  readonly companyNo: WideInteger
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  /** One-pair objects, in order. Integers of 64 bits are `bigint`. */
  readonly primaryKeys: readonly JsonObject[]
  readonly timestamp: string
  readonly changedByUser: string
  /** Absent for DELETE. */
  readonly changedColumns?: readonly JsonObject[]
}

export interface MoneybirdEvent<C extends CatalogueOf<C> = AnyCatalogue> extends WithText {
  readonly administration_id: string
  readonly webhook_id: string
  readonly webhook_token: string
  readonly entity_type: string | null
  readonly entity_id: string
  readonly state: string | null
  /** As `sales_invoice_state_changed_to_late`. */
  readonly action: NameIn<C, 'moneybird'>
  readonly entity: JsonObject | null
}

/** The kind is known by the URL that was configured for it. A delivery by GET has no entity, and an id of text. */
export interface FakturowniaEvent extends WithText {
  readonly id?: WideInteger | string | null
  /** The invoice. */
  readonly deal?: JsonObject
  readonly client?: JsonObject
  readonly product?: JsonObject
  readonly app_name: string
  readonly api_token: string
  readonly locale: string
}

/** What a webhook carries, by its dialect. */
export interface WebhookEvents<C extends CatalogueOf<C> = AnyCatalogue> {
  readonly standard: ReceivedEvent<C>
  readonly cloudevents: CloudEvent<C>
  readonly tripletex: TripletexEvent<C>
  readonly 'visma-business-nxt': VismaBusinessNxtEvent
  readonly moneybird: MoneybirdEvent<C>
  readonly fakturownia: FakturowniaEvent
}

export type WebhookDialect = keyof WebhookEvents
