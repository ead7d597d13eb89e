import { memberTexts, RawJson, toJson } from '../json-text.ts'
import type { Publishable } from '../publish.ts'

/**
 * The text of an event and its id. An event without `id` gets one here, once: however often the text is sent, it is
 * the same event.
 *
 * @throws SyntaxError when text that was given is not a JSON object
 */
export function eventText(event: Publishable): { readonly id: string; readonly text: string } {
  const text = textOf(event)
  const members = memberTexts(text)
  const given = members.get('id')
  if (given !== undefined) return { id: String(JSON.parse(given)), text }
  const id = crypto.randomUUID()
  const rest = text.slice(text.indexOf('{') + 1)
  return { id, text: `{"id":"${id}"${members.size === 0 ? '' : ','}${rest}` }
}

function textOf(event: Publishable): string {
  if (event instanceof RawJson) return event.text
  if (typeof event === 'object' && !(event instanceof Uint8Array)) return toJson(event)
  const text = typeof event === 'string' ? event : new TextDecoder('utf-8', { fatal: true }).decode(event)
  JSON.parse(text)
  return text
}
