import { Audit } from './audit.ts'
import { BackgroundPublisher, type PublisherOptions } from './background/background-publisher.ts'
import type { AnyCatalogue, CatalogueOf } from './catalogue.ts'
import { Deliveries } from './deliveries.ts'
import { EventStream, type StreamOptions } from './event-stream.ts'
import { Events } from './events.ts'
import { Feed, type FeedOptions, type FeedPage, type FeedPageOptions, feedPage } from './feed.ts'
import { type ConnectionOptions, Http, type HttpRequest } from './http.ts'
import { type Publishable, type PublishedEvent, type PublishResult, publish, publishStream } from './publish.ts'
import { EventTypes, Integrations, Keys, Tenants } from './registry.ts'
import { type Series, type SeriesQuestion, series } from './series.ts'
import { Subscriptions } from './subscriptions.ts'

export interface Topic {
  readonly topic: string
  readonly [field: string]: unknown
}

/**
 * A Tidings server, seen by one identity: a publisher, an integration, an access token, the operator.
 *
 *   const tidings = new Tidings({ url: 'https://tidings.example.com', key: process.env.TIDINGS_KEY })
 *   await tidings.publish({ tenantId: 29302, type: 'invoice.updated', entityId: '3817' })
 *
 * With the types that `tidings generate types` writes, `new Tidings<Catalogue>(…)`, events are checked by the compiler.
 *
 * Refusals are thrown as `RefusedError` with `code` and `errors`, a server that does not answer as
 * `UnreachableError`. Reads are tried again by themselves, and so is publishing.
 */
export class Tidings<C extends CatalogueOf<C> = AnyCatalogue> {
  readonly tenants: Tenants
  readonly integrations: Integrations
  readonly keys: Keys
  readonly eventTypes: EventTypes
  readonly subscriptions: Subscriptions
  readonly deliveries: Deliveries
  readonly audit: Audit
  readonly events: Events
  readonly #http: Http

  /** @throws TypeError when `url` is not an http(s) address. */
  constructor(options: ConnectionOptions) {
    this.#http = new Http(options)
    this.tenants = new Tenants(this.#http, '/v1/tenants')
    this.integrations = new Integrations(this.#http, '/v1/integrations')
    this.keys = new Keys(this.#http, '/v1/keys')
    this.eventTypes = new EventTypes(this.#http)
    this.subscriptions = new Subscriptions(this.#http)
    this.deliveries = new Deliveries(this.#http)
    this.audit = new Audit(this.#http)
    this.events = new Events(this.#http)
  }

  /** One event or an array (up to 1,000, in order, all or nothing); resolves when they are durable. */
  publish(
    events: Publishable<C> | readonly Publishable<C>[],
    options: { signal?: AbortSignal } = {},
  ): Promise<readonly PublishedEvent[]> {
    return publish(this.#http, events, options.signal)
  }

  /** Any number of events over one request; yields each one's outcome as soon as it is durable. */
  publishStream(
    events: AsyncIterable<Publishable<C>> | Iterable<Publishable<C>>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<PublishResult> {
    return publishStream(this.#http, events, options.signal)
  }

  /** Publishes in the background, in batches and in order, until the server has each event. Close it at the end. */
  publisher(options: PublisherOptions): BackgroundPublisher<C> {
    return new BackgroundPublisher<C>(this.#http, options)
  }

  async topics(): Promise<readonly Topic[]> {
    return (await this.#http.json<{ items: Topic[] }>({ path: '/v1/topics' })).items
  }

  /** What happened when, in numbers. */
  series(question: SeriesQuestion): Promise<Series> {
    return series(this.#http, question)
  }

  /** A topic from a position on, for ever; follows by long poll. */
  feed(topic: string, options: FeedOptions = {}): Feed<C> {
    return new Feed<C>(this.#http, topic, options)
  }

  /** One page of a topic. */
  feedPage(topic: string, options: FeedPageOptions = {}): Promise<FeedPage<C>> {
    return feedPage<C>(this.#http, topic, options)
  }

  /** Live events of several topics over SSE; opened again by itself from where it broke. */
  stream(options: StreamOptions): EventStream<C> {
    return new EventStream<C>(this.#http, options)
  }

  /** Any other route: a parsed answer. */
  request<T>(request: HttpRequest): Promise<T> {
    return this.#http.json<T>(request)
  }

  /** The same as text, every digit of it. */
  requestText(request: HttpRequest): Promise<string> {
    return this.#http.text(request)
  }
}
