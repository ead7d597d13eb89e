/** What a dialect's webhooks look like, as `/asyncapi.json` shows it; the golden bytes are checked against it. */
export interface WireMessage {
  readonly summary: string
  readonly contentType: string
  /** Every header that the dialect sets, lower case. Optional ones end in `?`. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON Schema of the body. */
  readonly payload: object
}

type WireMessages = Readonly<Record<string, WireMessage>>

const text = { type: 'string' }
const number = { type: 'integer' }
const object = { type: 'object' }
const pairs = { type: 'array', items: { type: 'object', minProperties: 1, maxProperties: 1 } }
const orNull = (type: string) => ({ type: [type, 'null'] })
const record = (properties: object, required = Object.keys(properties)) => ({ type: 'object', properties, required })

const standardHeaders = {
  'webhook-id': "The delivery's id: the same on every attempt.",
  'webhook-timestamp': 'Of this attempt, in seconds since 1970.',
  'webhook-signature?':
    'One per live secret: `v1,` HMAC-SHA256 or `v1a,` Ed25519 over `<id>.<timestamp>.<body>`, as base64.',
}
const json = { 'content-type': '`application/json`.' }
const idempotencyKey = { 'idempotency-key': "The delivery's id: the same on every attempt." }

const nativeEvent = record(
  {
    type: text,
    timestamp: { type: 'string', format: 'date-time' },
    tenantId: number,
    entityId: text,
    keys: pairs,
    topic: text,
    offset: text,
    sequence: { type: 'integer', description: 'Grows by one with each event of the subscription; tests have none.' },
    id: text,
    version: { type: ['integer', 'string'] },
    state: text,
    actor: text,
    attributes: object,
    data: object,
    changed: pairs,
  },
  ['type', 'timestamp', 'tenantId', 'topic', 'offset', 'id'],
)

const cloudEvent = record(
  {
    specversion: { const: '1.0' },
    id: text,
    source: text,
    type: text,
    subject: text,
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    tenantid: text,
    topic: text,
    offset: text,
    sequence: text,
    data: object,
  },
  ['specversion', 'id', 'source', 'type'],
)
const cloudEventHeaders = {
  ...standardHeaders,
  'webhook-request-origin?': 'The name of this server, when the subscription passed the validation handshake.',
}
const ofAttribute = (name: string) => `The attribute \`${name}\`, percent-encoded.`

/** By dialect, then by the form that a subscription chose. */
export const wireMessages: Readonly<Record<string, WireMessages>> = {
  standard: {
    single: {
      summary: 'A Standard Webhooks delivery of one event',
      contentType: 'application/json',
      headers: { ...standardHeaders, ...json },
      payload: nativeEvent,
    },
    batch: {
      summary: 'The same of several events, for a subscription with `batch`',
      contentType: 'application/json',
      headers: { ...standardHeaders, ...json },
      payload: { type: 'array', items: nativeEvent, minItems: 1, maxItems: 100 },
    },
  },
  cloudevents: {
    structured: {
      summary: 'A CloudEvent in structured mode',
      contentType: 'application/cloudevents+json',
      headers: { ...cloudEventHeaders, 'content-type': '`application/cloudevents+json`.' },
      payload: cloudEvent,
    },
    batched: {
      summary: 'CloudEvents in batched mode',
      contentType: 'application/cloudevents-batch+json',
      headers: { ...cloudEventHeaders, 'content-type': '`application/cloudevents-batch+json`.' },
      payload: { type: 'array', items: cloudEvent, minItems: 1, maxItems: 100 },
    },
    binary: {
      summary: 'A CloudEvent in binary mode: its attributes are headers',
      contentType: 'application/json',
      headers: {
        ...cloudEventHeaders,
        'ce-specversion': '`1.0`.',
        'ce-id': ofAttribute('id'),
        'ce-source': ofAttribute('source'),
        'ce-type': ofAttribute('type'),
        'ce-subject?': ofAttribute('subject'),
        'ce-time?': ofAttribute('time'),
        ...json,
        'ce-tenantid?': ofAttribute('tenantid'),
        'ce-topic?': ofAttribute('topic'),
        'ce-offset?': ofAttribute('offset'),
        'ce-sequence?': ofAttribute('sequence'),
      },
      payload: object,
    },
  },
  tripletex: {
    delivery: {
      summary: 'A Tripletex webhook',
      contentType: 'application/json',
      headers: {
        ...json,
        ...idempotencyKey,
        'x-request-signature?':
          'With a secret: base64 of HMAC-SHA512 over `<idempotency-key>&<body>`. Beside it the header that the subscription named.',
      },
      payload: record({
        subscriptionId: number,
        event: text,
        id: { type: ['integer', 'string'] },
        value: orNull('object'),
      }),
    },
  },
  'visma-business-nxt': {
    tableChange: {
      summary: 'A Visma Business NXT table change',
      contentType: 'application/json',
      headers: {
        'x-vwd-signature-v1?': 'Base64 of HMAC-SHA256 over the body; the key is the signature key as UTF-8 text.',
        'x-vwd-notification-id': "The delivery's id: the same on every attempt.",
        'x-vwd-notification-timestamp': 'When the event was taken, in milliseconds since 1970.',
        'x-vwd-webhook-timestamp': 'Of this attempt, in milliseconds since 1970.',
        'x-vwd-event-id': '`TableChange`.',
        'x-vwd-application-id': 'The integration.',
        'x-vwd-application-version': '`1`.',
        'x-vwd-subscription-id': 'The subscription.',
        'x-vwd-tenant-id': 'The tenant.',
        'x-vwd-group-id': 'The customer, or the tenant where there is none.',
        ...json,
      },
      payload: record(
        {
          tableIdentifier: text,
          customerNo: number,
          companyNo: number,
          event: { enum: ['INSERT', 'UPDATE', 'DELETE'] },
          primaryKeys: pairs,
          timestamp: text,
          changedByUser: text,
          changedColumns: pairs,
        },
        ['tableIdentifier', 'customerNo', 'companyNo', 'event', 'primaryKeys', 'timestamp', 'changedByUser'],
      ),
    },
  },
  fakturownia: {
    delivery: {
      summary: 'A Fakturownia webhook; with GET the top-level fields go into the query',
      contentType: 'application/json',
      headers: { ...idempotencyKey, 'content-type?': '`application/json`, of a POST.' },
      payload: record(
        {
          id: { type: ['integer', 'string'] },
          deal: object,
          client: object,
          product: object,
          app_name: text,
          api_token: text,
          locale: text,
        },
        ['app_name', 'api_token', 'locale'],
      ),
    },
  },
  moneybird: {
    push: {
      summary: 'A Moneybird push',
      contentType: 'application/json',
      headers: {
        ...json,
        ...idempotencyKey,
        'moneybird-signature?':
          '`t=<seconds since 1970>,v1=<hex>`, one `v1` per live secret: HMAC-SHA256 over `<t>.<body>`.',
      },
      payload: record({
        administration_id: text,
        webhook_id: text,
        webhook_token: text,
        entity_type: orNull('string'),
        entity_id: text,
        state: orNull('string'),
        action: text,
        entity: orNull('object'),
      }),
    },
  },
}
