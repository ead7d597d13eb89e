export type { Audit, AuditEntry, AuditSearch } from './audit.ts'
export type {
  AcceptedEvent,
  BackgroundPublisher,
  PublisherOptions,
  RefusedEvent,
} from './background/background-publisher.ts'
export type { AnyCatalogue, CatalogueOf, EventShape, JsonObject } from './catalogue.ts'
export type { CheckpointOptions, CheckpointStore } from './checkpoint/checkpoint-store.ts'
export { MemoryCheckpointStore } from './checkpoint/memory-checkpoint-store.ts'
export type { Clock } from './clock.ts'
export type {
  Attempt,
  Deliveries,
  Delivery,
  DeliveryListing,
  DeliverySearch,
  Resend,
} from './deliveries.ts'
export {
  type FieldError,
  InvalidAnswerError,
  RefusedError,
  RefusedLineError,
  SignatureError,
  type SignatureFault,
  TidingsError,
  UnreachableError,
} from './errors.ts'
export { type NewEvent, type ReceivedEvent, readEvent, type WithDigits } from './event.ts'
export type { EventStream, StreamOptions } from './event-stream.ts'
export type { EventOptions, Events, EventWithDeliveries } from './events.ts'
export type { Explanation, Mend } from './explanation.ts'
export type { Feed, FeedOptions, FeedPage, FeedPageOptions } from './feed.ts'
export { type Gap, GapError, type OnGap } from './gap.ts'
export type { ConnectionOptions, HttpRequest } from './http.ts'
export { fromJson, itemTexts, memberText, memberTexts, RawJson, rawJson, toJson } from './json-text.ts'
export type { Page, PageOptions } from './pages.ts'
export type { Publishable, PublishedEvent, PublishResult } from './publish.ts'
export { type DeliveryContext, type ReceiveOptions, type Receiver, receive } from './receive/receive.ts'
export { MemorySeenDeliveries, type SeenDeliveries } from './receive/seen-deliveries.ts'
export { type VerifiedWebhook, type VerifyOptions, verifyWebhook } from './receive/verify-webhook.ts'
export type {
  CloudEvent,
  FakturowniaEvent,
  MoneybirdEvent,
  TripletexEvent,
  VismaBusinessNxtEvent,
  WebhookDialect,
  WebhookEvents,
  WideInteger,
} from './receive/webhook-events.ts'
export type {
  AccessToken,
  ApiKey,
  EventType,
  Integration,
  NewAccessToken,
  NewIntegration,
  NewKey,
  NewTenant,
  Tenant,
  UnknownTenant,
} from './registry.ts'
export type { Series, SeriesQuestion } from './series.ts'
export type {
  CatchUp,
  CatchUpProgress,
  LogPlace,
  Missed,
  NotGranted,
  SkippedSpan,
  SubscriptionStats,
} from './subscription-reading.ts'
export type {
  NewEndpoint,
  NewSubscription,
  Subscription,
  SubscriptionSearch,
  SubscriptionStart,
  TenantSelection,
  TestOutcome,
} from './subscriptions.ts'
export type { TenantId } from './tenant-id.ts'
export { Tidings, type Topic } from './tidings.ts'
