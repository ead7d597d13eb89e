import { type Static, Type } from 'typebox'
import { parseEntityUrl } from '../../core/address/entity-url.ts'
import type { EntitySource } from '../../deliver/entity-source.ts'
import type { Words } from '../schema/schema-reading.ts'
import { section } from '../schema/section.ts'
import { wholeNumber } from '../schema/whole-number.ts'

const defaultTimeoutMs = 2_000
const defaultCacheMs = 1_000
const mostHeaders = 20

const url = Type.String({ fault: urlFault })

const headers = Type.Record(
  Type.String(),
  // The value may be a credential: it is named, never shown.
  Type.String({ pattern: '^[\\t\\x20-\\x7e]*$', fault: 'must be a text of printable ASCII' }),
  { default: {}, ...headerWords() },
)

const source = Type.Object({
  url,
  headers,
  timeoutMs: wholeNumber(100, 10_000, defaultTimeoutMs),
  cacheMs: wholeNumber(0, 60_000, defaultCacheMs),
})

/**
 * Where the application serves its entities:
 *
 *   entitySources:
 *     invoice: https://app.internal/api/invoices/{entityId}
 *     contact:
 *       url: https://app.internal/api/{tenantId}/contacts/{entityId}
 *       headers: { Authorization: Bearer 7d1c… }
 *       timeoutMs: 2000      # 100 to 10000
 *       cacheMs: 1000        # 0 to 60000
 */
export const entitySources = section({
  schema: Type.Record(
    Type.String(),
    Type.Union([url, source], {
      fault: (given: unknown) =>
        typeof given === 'string' ? urlFault(given) : 'must be a URL, or a mapping with `url`',
    }),
    {
      fault: 'must be a mapping of entities to URLs',
      nameFault: (name: string) =>
        /^[a-zA-Z][a-zA-Z0-9_-]*$/.test(name)
          ? undefined
          : 'is no entity; it is the part of a type before the point, as invoice of invoice.updated',
    },
  ),
  absent: (): ReadonlyMap<string, EntitySource> => new Map(),
  read: (given) => new Map(Object.entries(given).map(([entity, own]) => [entity, sourceOf(own)])),
})

function sourceOf(given: string | Static<typeof source>): EntitySource {
  const { url, ...others } =
    typeof given === 'string'
      ? { url: given, headers: {}, timeoutMs: defaultTimeoutMs, cacheMs: defaultCacheMs }
      : given
  const parsed = parseEntityUrl(url)
  if (!parsed.ok) throw new Error(parsed.detail)
  return { template: parsed.template, ...others }
}

function urlFault(given: unknown): string | undefined {
  const parsed = parseEntityUrl(typeof given === 'string' ? given : '')
  return parsed.ok ? undefined : parsed.detail
}

function headerWords(): Words {
  return {
    fault: 'must be a mapping of names to values',
    nameFault: (name) =>
      /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,255}$/.test(name) &&
      !/^(?:host|connection|content-length|transfer-encoding)$/i.test(name)
        ? undefined
        : 'is no header that can be set',
    rules: (given, report) => {
      if (Object.keys(given).length > mostHeaders) report([], `may have up to ${mostHeaders} headers`)
    },
  }
}
