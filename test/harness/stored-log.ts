import type { Journal } from './journal.ts'
import { operate } from './registration.ts'
import { adminKey } from './server-process.ts'

interface Page {
  readonly events: readonly { readonly tenantId: number }[]
  readonly next: string
}

/** Where each topic begins: what a reader starts from to get everything. */
export async function beginnings(url: string, topics: readonly string[]): Promise<Record<string, string>> {
  const { items } = await operate<{ items: { topic: string; earliest: string }[] }>(url, 'GET', '/v1/topics')
  return Object.fromEntries(
    items.filter(({ topic }) => topics.includes(topic)).map((item) => [item.topic, item.earliest]),
  )
}

/**
 * Reads everything that is stored, as the operator, and journals it as the reader `log`: what the
 * other readers are compared with. Returns how many events each tenant has.
 */
export async function readStoredLog(
  url: string,
  topics: readonly string[],
  journal: Journal,
): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>()
  journal.write({ kind: 'reader', reader: 'log', way: 'log', tenants: null })
  for (const topic of topics) {
    let after = ''
    for (;;) {
      const text = await page(url, `/v1/topics/${topic}/events?limit=1000${after === '' ? '' : `&after=${after}`}`)
      const { events, next } = JSON.parse(text) as Page
      if (events.length === 0) break
      for (const eventText of eventTexts(text)) {
        journal.write({ kind: 'received', reader: 'log', connection: 1, text: eventText })
      }
      for (const { tenantId } of events) counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1)
      after = next
    }
  }
  return counts
}

async function page(url: string, path: string): Promise<string> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminKey}` } })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text}`)
  return text
}

/** The texts of the objects in `events`, byte for byte: parsing would lose their digits. */
export function eventTexts(page: string): string[] {
  const texts: string[] = []
  let depth = 0
  let start = 0
  let isInString = false
  for (let index = page.indexOf('"events":[') + 10; index < page.length; index++) {
    const character = page[index]
    if (isInString) {
      if (character === '\\') index += 1
      else if (character === '"') isInString = false
    } else if (character === '"') isInString = true
    else if (character === '{') {
      if (depth === 0) start = index
      depth += 1
    } else if (character === '}') {
      depth -= 1
      if (depth === 0) texts.push(page.slice(start, index + 1))
    } else if (character === ']' && depth === 0) break
  }
  return texts
}
