import type { Catalogue } from '../contract/catalogue.ts'
import { typesOfEvents } from './enabled-events.ts'
import { refusals } from './refusal.ts'

/** Far above the 439 names and groups that there are. */
const mostEvents = 1_000

export interface WebhookDraft {
  readonly url: string
  /** As given. */
  readonly enabledEvents: readonly string[]
  /** What they mean. */
  readonly types: readonly string[]
}

/**
 * The flat body of a create: `url`, `enabled_events`, nothing else.
 * @throws MoneybirdRefusal
 */
export function readWebhookDraft(body: unknown, catalogue: Catalogue): WebhookDraft {
  const given: Readonly<Record<string, unknown>> = isObject(body) ? body : {}
  if (Object.hasOwn(given, 'events')) throw refusals.eventsRemoved()
  const { url, enabled_events: events } = given
  if (typeof url !== 'string' || url.trim() === '') throw refusals.urlRequired()
  const unknown = Object.keys(given).find((name) => name !== 'url' && name !== 'enabled_events')
  if (unknown !== undefined) throw refusals.unknownField(unknown)
  const enabledEvents = events ?? []
  if (!Array.isArray(enabledEvents) || enabledEvents.length > mostEvents || !enabledEvents.every(isText)) {
    throw refusals.eventsInvalid(null)
  }
  const types = typesOfEvents(enabledEvents, catalogue)
  if (types) return { url, enabledEvents, types }
  const wrong = enabledEvents.find((name) => typesOfEvents([name], catalogue) === undefined)
  throw refusals.eventsInvalid(wrong ?? null)
}

const isText = (value: unknown): value is string => typeof value === 'string'

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
