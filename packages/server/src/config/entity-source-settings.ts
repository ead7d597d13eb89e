import { parseDocument } from 'yaml'
import { parseEntityUrl } from '../core/address/entity-url.ts'
import type { EntitySource } from '../deliver/entity-source.ts'
import type { Config } from './config.ts'
import { configurationError } from './settings.ts'

const defaultTimeoutMs = 2_000
const defaultCacheMs = 1_000
const mostHeaders = 20

/**
 * Where the application serves its entities, in the configuration file:
 *
 *   entitySources:
 *     invoice: https://app.internal/api/invoices/{entityId}
 *     contact:
 *       url: https://app.internal/api/{tenantId}/contacts/{entityId}
 *       headers: { Authorization: Bearer 7d1c… }
 *       timeoutMs: 2000      # 100 to 10000
 *       cacheMs: 1000        # 0 to 60000
 *
 * @throws AppError `invalid_configuration` with every fault at once
 */
export function readEntitySources(config: Pick<Config, 'file' | 'fileText'>): ReadonlyMap<string, EntitySource> {
  const section: unknown = config.fileText === null ? undefined : parseDocument(config.fileText).toJS()?.entitySources
  const sources = new Map<string, EntitySource>()
  if (section === undefined || section === null) return sources
  const faults = new FaultList(`${config.file}: entitySources`)
  if (!isObject(section)) {
    throw configurationError([{ place: faults.place, detail: 'must be a mapping of entities to URLs' }])
  }
  for (const [entity, given] of Object.entries(section)) {
    if (!/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(entity)) {
      faults.add(entity, 'is no entity; it is the part of a type before the point, as invoice of invoice.updated')
    } else {
      const source = readSource(entity, given, faults)
      if (source) sources.set(entity, source)
    }
  }
  if (faults.all.length > 0) throw configurationError(faults.all)
  return sources
}

class FaultList {
  readonly place: string
  readonly all: { readonly place: string; readonly detail: string }[] = []

  constructor(place: string) {
    this.place = place
  }

  add(path: string, detail: string): undefined {
    this.all.push({ place: `${this.place}.${path}`, detail })
  }
}

function readSource(entity: string, given: unknown, faults: FaultList): EntitySource | undefined {
  const named = typeof given === 'string' ? { url: given } : given
  if (!isObject(named)) return faults.add(entity, 'must be a URL, or a mapping with `url`')
  for (const name of Object.keys(named)) {
    if (!['url', 'headers', 'timeoutMs', 'cacheMs'].includes(name)) faults.add(`${entity}.${name}`, 'is not a setting')
  }
  const headers = readHeaders(named.headers, `${entity}.headers`, faults)
  const timeoutMs = readNumber(named.timeoutMs, { min: 100, max: 10_000, fallback: defaultTimeoutMs })
  if (timeoutMs === undefined) faults.add(`${entity}.timeoutMs`, 'must be a whole number from 100 to 10000')
  const cacheMs = readNumber(named.cacheMs, { min: 0, max: 60_000, fallback: defaultCacheMs })
  if (cacheMs === undefined) faults.add(`${entity}.cacheMs`, 'must be a whole number from 0 to 60000')
  const parsed = parseEntityUrl(typeof named.url === 'string' ? named.url : '')
  if (!parsed.ok) return faults.add(typeof given === 'string' ? entity : `${entity}.url`, parsed.detail)
  if (timeoutMs === undefined || cacheMs === undefined) return undefined
  return { template: parsed.template, headers, timeoutMs, cacheMs }
}

function readHeaders(given: unknown, path: string, faults: FaultList): Record<string, string> {
  const headers: Record<string, string> = {}
  if (given === undefined || given === null) return headers
  if (!isObject(given)) {
    faults.add(path, 'must be a mapping of names to values')
    return headers
  }
  const entries = Object.entries(given)
  if (entries.length > mostHeaders) faults.add(path, `may have up to ${mostHeaders} headers`)
  for (const [name, value] of entries) {
    // The value may be a credential: it is named, never shown.
    if (
      !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,255}$/.test(name) ||
      /^(?:host|connection|content-length|transfer-encoding)$/i.test(name)
    ) {
      faults.add(`${path}.${name}`, 'is no header that can be set')
    } else if (typeof value !== 'string' || !/^[\t\x20-\x7e]*$/.test(value)) {
      faults.add(`${path}.${name}`, 'must be a text of printable ASCII')
    } else headers[name] = value
  }
  return headers
}

function readNumber(
  given: unknown,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number | undefined {
  if (given === undefined || given === null) return fallback
  return Number.isInteger(given) && (given as number) >= min && (given as number) <= max ? (given as number) : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
