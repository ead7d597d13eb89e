import { type JsonNode, materialize } from '../json/json.ts'
import { type TenantId, tenantIdOf, tenantIdOfDigits } from './tenant-id.ts'

/**
 * The numbers of parsed bodies that a double does not hold, as they were written, by the object or list that they stand
 * in and their place there. Plain data has them as text, by which only those who may take a wide number tell them from
 * a string: tenant ids. A body that is gone takes its texts with it.
 */
const texts = new WeakMap<object, Map<string, string>>()

/** Remembers the wide numbers of a node's plain data (`toPlain`). */
export function noteNumberTexts(node: JsonNode, plain: unknown): void {
  // Most bodies have none, and looking for digits is much faster than walking through.
  if (/[0-9]{16}/.test(node.text)) note(node, plain)
}

function note(node: JsonNode, plain: unknown): void {
  if (node.kind === 'array') {
    for (const [index, item] of materialize(node).items.entries()) noteAt(plain as object, String(index), item)
  } else if (node.kind === 'object') {
    for (const { key, value } of materialize(node).members) noteAt(plain as object, key, value)
  }
}

function noteAt(holder: object, key: string, node: JsonNode): void {
  const value = (holder as Record<string, unknown>)[key]
  if (node.kind !== 'number') note(node, value)
  else if (!Number.isSafeInteger(value) && node.text.length >= 16) {
    let within = texts.get(holder)
    if (!within) {
      within = new Map()
      texts.set(holder, within)
    }
    within.set(key, node.text)
  }
}

/** A tenant id as a body gives it: the id, or the reason why it is not one. */
export function tenantIdIn(holder: object, key: string): TenantId | 'no_number' | 'no_tenant_id' {
  const text = texts.get(holder)?.get(key)
  if (text !== undefined) return tenantIdOfDigits(text) ?? 'no_tenant_id'
  const value = (holder as Readonly<Record<string, unknown>>)[key]
  return tenantIdOf(value) ?? (typeof value === 'number' ? 'no_tenant_id' : 'no_number')
}
