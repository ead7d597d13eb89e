import type { Catalogue } from '../catalogue/catalogue.ts'
import { eventOutput } from './schemas/event.ts'

/** What a webhook form looks like on the wire; header names of optional ones end in `?`. */
export interface WebhookForm {
  readonly summary: string
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: object
}

export interface AsyncApiInput {
  readonly version: string
  readonly catalogue: Catalogue
  /** By dialect, then by form. */
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, WebhookForm>>>>
}

type Named = Record<string, unknown>

const text = { type: 'string' }
const texts = { type: 'array', items: text }
const ids = { type: 'array', items: { type: 'integer', format: 'int64' } }

/** AsyncAPI 3.0: everything that is no request and answer. `send` is what Tidings sends. */
export function asyncApiDocument({ version, catalogue, webhooks }: AsyncApiInput): Named {
  const channels: Named = { topicsV1: topicsChannel(catalogue), stream: streamChannel }
  const operations: Named = {
    carryOutCommand: {
      ...operation('receive', 'topicsV1', Object.keys(commands(catalogue))),
      summary: 'Commands, carried out and answered one at a time in the order of their arrival',
      reply: { channel: reference('channels', 'topicsV1'), messages: [messageOf('topicsV1', 'reply')] },
    },
    sendTopicEvents: {
      ...operation('send', 'topicsV1', ['event', 'tenantsRemoved']),
      summary: 'Events after `subscribe-v1`, in the order of their topic, at least once',
    },
    sendStreamEvents: {
      ...operation('send', 'stream', ['event', 'checkpoint', 'draining']),
      summary: 'Events from the response on, or after the one of `Last-Event-ID`',
    },
  }
  for (const [dialect, forms] of Object.entries(webhooks)) {
    channels[channelOf(dialect)] = webhookChannel(dialect, forms)
    operations[`deliver${capitalized(channelOf(dialect))}`] = operation('send', channelOf(dialect), Object.keys(forms))
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tidings',
      version,
      description: 'What Tidings sends by itself: streams and webhooks. Requests are described in /openapi.json.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: { schemas: { Event: eventOutput } },
  }
}

function operation(action: 'send' | 'receive', channel: string, messages: readonly string[]): Named {
  return {
    action,
    channel: reference('channels', channel),
    messages: messages.map((message) => messageOf(channel, message)),
  }
}

function reference(...path: readonly string[]): { $ref: string } {
  return { $ref: `#/${path.join('/')}` }
}

function messageOf(channel: string, message: string): { $ref: string } {
  return reference('channels', channel, 'messages', message)
}

function channelOf(dialect: string): string {
  return `${dialect.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Webhook`
}

function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

/** One text message of the WebSocket: one JSON object. */
function frame(summary: string, properties: object, required: readonly string[], example: object): Named {
  return {
    summary,
    contentType: 'application/json',
    payload: { type: 'object', properties, required },
    examples: [{ payload: example }],
  }
}

function command(
  name: string,
  summary: string,
  fields: Named,
  example: object,
  optional: readonly string[] = [],
): Named {
  const required = Object.keys(fields).filter((field) => !optional.includes(field))
  return frame(summary, { command: { const: name }, ...fields }, ['command', ...required], {
    command: name,
    ...example,
  })
}

function commands(catalogue: Catalogue): Named {
  const topic = { type: 'string', enum: [...catalogue.topics('fortnox')] }
  return {
    addTenants: command(
      'add-tenants-v1',
      'Takes in the tenants of access tokens; again and again, before and after subscribing',
      { includeChildTenants: { type: 'boolean', default: false }, clientSecret: text, accessTokens: texts },
      { clientSecret: 'tid_sec_…', accessTokens: ['Bearer tid_at_…'] },
      ['includeChildTenants'],
    ),
    removeTenants: command('remove-tenants-v1', 'Lets tenants go', { tenants: ids }, { tenants: [29302] }),
    listTenants: command('list-tenants-v1', 'Which tenants the connection has', {}, {}),
    addTopics: command(
      'add-topics-v1',
      'Takes in topics: live from the answer on, or after an offset',
      {
        topics: {
          type: 'array',
          items: { type: 'object', properties: { topic, offset: text }, required: ['topic'] },
        },
      },
      { topics: [{ topic: 'invoices', offset: 'xDy7J' }] },
    ),
    subscribe: command('subscribe-v1', 'Lets events come', {}, {}),
  }
}

function topicsChannel(catalogue: Catalogue): Named {
  const names = catalogue.names('fortnox')
  return {
    address: '/topics-v1',
    title: 'The Fortnox stream',
    description:
      'A WebSocket. It needs no header: `add-tenants-v1` authenticates. One JSON object a text message, both ways. A tenant that is added after `subscribe-v1` gets live events from then on; its history takes another connection with an offset. See docs/reference/fortnox.md.',
    bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
    messages: {
      ...commands(catalogue),
      reply: frame(
        'The answer to a command; clients tell it from an event by `tenantId`, which it never has',
        {
          response: { type: ['string', 'null'] },
          result: { enum: ['ok', 'error'] },
          tenantIds: { description: 'A map from token as sent to tenant; of list-tenants-v1 an array.' },
          invalidTokens: texts,
          invalidTenants: ids,
          invalidTopics: texts,
          message: text,
        },
        ['response', 'result'],
        { response: 'add-tenants-v1', result: 'ok', tenantIds: { 'Bearer tid_at_…': 29302 } },
      ),
      tenantsRemoved: frame(
        'A token was revoked or expired, and no other one brings its tenant',
        {
          response: { const: 'tenants-removed-v1' },
          result: { const: 'ok' },
          tenants: ids,
          reason: { enum: ['token-expired', 'token-revoked'] },
        },
        ['response', 'result', 'tenants', 'reason'],
        { response: 'tenants-removed-v1', result: 'ok', tenants: [34231], reason: 'token-expired' },
      ),
      event: frame(
        'An event; its attributes stand beside these fields',
        {
          topic: { type: 'string', enum: [...catalogue.topics('fortnox')] },
          offset: text,
          type: { type: 'string', enum: names },
          tenantId: { type: 'integer', format: 'int64' },
          entityId: text,
          timestamp: { type: 'string', format: 'date-time' },
        },
        ['topic', 'offset', 'type', 'tenantId', 'entityId', 'timestamp'],
        {
          topic: 'invoices',
          offset: 'xDy7J',
          type: 'invoicepayment-bookkeep-v1',
          tenantId: 29302,
          entityId: '3817',
          timestamp: '2017-12-28T14:59:16.500+01:00',
        },
      ),
    },
  }
}

const resumeToken = { type: 'string', description: 'The `id` of the message: a resume token over all topics.' }
const streamChannel: Named = {
  address: '/v1/stream',
  title: 'Server-sent events',
  description:
    'Queries, keys and refusals are in /openapi.json. The header `Last-Event-ID` with the `id` of a message resumes after it. A comment comes at least every 15 seconds.',
  bindings: { http: { bindingVersion: '0.3.0' } },
  messages: {
    event: {
      summary: 'An event: `data` is its JSON',
      contentType: 'application/json',
      headers: { type: 'object', properties: { id: resumeToken }, required: ['id'] },
      payload: { $ref: '#/components/schemas/Event' },
    },
    checkpoint: {
      summary: 'Reading went on, but nothing passed the filter',
      contentType: 'application/json',
      headers: {
        type: 'object',
        properties: { id: resumeToken, event: { const: 'checkpoint' } },
        required: ['id', 'event'],
      },
      payload: { type: 'object', maxProperties: 0 },
    },
    draining: {
      summary: 'The server stops, and the connection ends after this: connect again at once',
      contentType: 'application/json',
      headers: { type: 'object', properties: { event: { const: 'draining' } }, required: ['event'] },
      payload: { type: 'object', maxProperties: 0 },
    },
  },
}

function webhookChannel(dialect: string, forms: Readonly<Record<string, WebhookForm>>): Named {
  return {
    address: null,
    title: `Webhooks in the dialect ${dialect}`,
    description: `Sent to the endpoint of a subscription with \`"dialect": "${dialect}"\`, with the headers that it asks for beside these. See docs/reference/${dialect}.md.`,
    bindings: { http: { bindingVersion: '0.3.0' } },
    messages: Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, webhookMessage(form)])),
  }
}

function webhookMessage({ summary, contentType, headers, payload }: WebhookForm): Named {
  const entries = Object.entries(headers).map(([name, description]) => ({
    name: name.replace(/\?$/, ''),
    isRequired: !name.endsWith('?'),
    schema: { type: 'string', description },
  }))
  return {
    summary,
    contentType,
    headers: {
      type: 'object',
      properties: Object.fromEntries(entries.map(({ name, schema }) => [name, schema])),
      required: entries.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    },
    payload,
    bindings: { http: { bindingVersion: '0.3.0' } },
  }
}
