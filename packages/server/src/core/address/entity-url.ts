import type { TenantId } from '../ids/tenant-id.ts'

/**
 * Where the application serves an entity: an absolute URL with places for the tenant and the entity.
 *
 *   template = ("http://" / "https://") authority ("/" / "?") *( text / "{entityId}" / "{tenantId}" )
 *
 * The places stand behind the authority, and what comes into them is escaped, so no event can change
 * the host, leave the path or add a parameter. `{entityId}` must be there; a composite key is its JSON text.
 */
export interface EntityUrlTemplate {
  readonly parts: readonly string[]
}

export type ParsedEntityUrl =
  | { readonly ok: true; readonly template: EntityUrlTemplate }
  | { readonly ok: false; readonly detail: string }

const grammar = /^https?:\/\/[^/?#@{}\s\\]+[/?][^#\s\\]*$/i
const places = /(\{entityId\}|\{tenantId\})/

export function parseEntityUrl(text: string): ParsedEntityUrl {
  const refuse = (detail: string): ParsedEntityUrl => ({ ok: false, detail })
  if (!grammar.test(text)) {
    return refuse('must be an absolute http or https URL with a path, without credentials and without #')
  }
  const parts = text.split(places)
  const unknown = parts.find((part) => !places.test(part) && /[{}]/.test(part))
  if (unknown !== undefined) return refuse('may hold the places {entityId} and {tenantId}, and no other braces')
  if (!parts.includes('{entityId}')) return refuse('must hold the place {entityId}')
  if (!URL.canParse(text.replaceAll(/[{}]/g, ''))) return refuse('is not a URL that can be requested')
  return { ok: true, template: { parts } }
}

/** The entity's URL; null when its id cannot stand in one: empty, of dots alone (they would climb), or not Unicode. */
export function entityUrl(template: EntityUrlTemplate, tenantId: TenantId, entityId: string): string | null {
  if (/^\.*$/.test(entityId) || !entityId.isWellFormed()) return null
  return template.parts
    .map((part) => {
      if (part === '{entityId}') return encodeURIComponent(entityId)
      return part === '{tenantId}' ? String(tenantId) : part
    })
    .join('')
}
