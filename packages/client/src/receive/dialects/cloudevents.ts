import { itemTexts } from '../../json-text.ts'
import type { WebhookContract } from '../webhook-contract.ts'
import type { CloudEvent } from '../webhook-events.ts'
import { headerEntries, headerOf, textOf, type WebhookRequest } from '../webhook-request.ts'
import { verifyStandard } from './standard.ts'

/**
 * CloudEvents 1.0 over HTTP, signed as `standard`. In binary mode the attributes are headers (`ce-type`), which the
 * signature does not cover.
 */
export const cloudevents: WebhookContract<CloudEvent> = {
  methods: ['POST', 'OPTIONS'],
  successStatus: 204,
  async verify(request, terms) {
    const deliveryId = await verifyStandard(request, terms)
    const type = headerOf(request.headers, 'content-type') ?? ''
    const text = textOf(request.body)
    if (type.startsWith('application/cloudevents-batch+json')) {
      const events = itemTexts(text).map(structured)
      return { deliveryId, events, eventKeys: events.map(({ source, id }) => `${source} ${id}`) }
    }
    return {
      deliveryId,
      events: [type.startsWith('application/cloudevents+json') ? structured(text) : binary(request, text)],
    }
  },
  /** The handshake of HTTP 1.1 Web Hooks for Event Delivery: without the header there is no consent. */
  greet({ method, headers }, mayOrigin) {
    if (method !== 'OPTIONS') return undefined
    const origin = headerOf(headers, 'webhook-request-origin')
    if (origin === undefined || !mayOrigin(origin)) return { status: 200 }
    return { status: 200, headers: { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' } }
  },
}

function structured(text: string): CloudEvent {
  return withText(JSON.parse(text) as object, text)
}

function binary({ headers }: WebhookRequest, text: string): CloudEvent {
  const attributes = headerEntries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, value]) => [name.slice(3), decoded(value)] as const)
  const datacontenttype = headerOf(headers, 'content-type')
  const event = {
    ...Object.fromEntries(attributes),
    ...(datacontenttype && { datacontenttype }),
    data: JSON.parse(text),
  }
  return withText(event, text)
}

function withText(event: object, text: string): CloudEvent {
  return Object.defineProperty(event, 'raw', { value: text, enumerable: false }) as CloudEvent
}

/** HTTP binding §3.1.3.2. What is not valid stays as it came. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
