import { type AddressBlock, parseBlock } from '../core/address/address.ts'
import { type AllowedNetwork, parseAllowNetworks } from '../core/address/endpoint-policy.ts'
import { isLoopbackName } from '../core/address/loopback-name.ts'
import { boolean, choice, integer, integers, type SettingForm, text, textAs, textsAs } from './setting-forms.ts'
import { logLevels, type SettingName } from './settings.ts'

/** What each setting may be. */
const schema = {
  port: integer(0, 65_535),
  host: text(1),
  data: text(1),
  log: textAs(storeUrl),
  db: textAs(storeUrl),
  adminKey: textAs(adminKey),
  masterKey: text(0),
  retention: textAs(duration),
  allowNetworks: textAs(allowedNetworks),
  allowHttp: boolean(),
  allowPorts: integers(1, 65_535),
  tenants: choice(['any', 'strict']),
  trustProxies: textsAs(addressBlock),
  corsOrigins: textsAs(origin),
  frameAncestors: textsAs(frameAncestor),
  wrongKeysPerMinute: integer(1, 1_000_000),
  requestsPerSecond: integer(1, 1_000_000),
  streamsPerIntegration: integer(1, 1_000_000),
  streamsPerAddress: integer(1, 1_000_000),
  originName: textAs(dnsName),
  publicUrl: textAs(publicUrl),
  attempts: integer(4, 65_536),
  sendThreads: integer(1, 64),
  metricSubscriptions: integer(0, 10_000),
  drainSeconds: integer(1, 600),
  logLevel: choice(logLevels),
} as const satisfies Readonly<Record<SettingName, SettingForm<unknown>>>

export type SettingValues = {
  readonly [Name in SettingName]: NonNullable<ReturnType<(typeof schema)[Name]['read']>>
}

/** What the text of a setting means; undefined when it means nothing: then `report` has taken why. */
export function readSetting(name: SettingName, given: string, report: (detail: string) => void): unknown {
  return schema[name].read(given, report)
}

/** As browsers write it in `Origin`: no path, no default port, lower case. */
function origin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== value.toLowerCase()) {
    throw new Error('must be origins, as https://app.example.com: a scheme and a host, without a path')
  }
  return url.origin
}

/** As a policy of the pages names it (Content Security Policy, host-source): any host below a name by `*.`. */
function frameAncestor(value: string): string {
  const isAny = value.toLowerCase().startsWith('https://*.')
  const named = isAny ? value.replace('*.', '') : value
  const url = URL.canParse(named) ? new URL(named) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackName(url.hostname))
  if (url === null || !isSafe || url.origin !== named.toLowerCase() || /[*;,\s]/.test(named)) {
    throw new Error(
      'must be origins over https, as https://app.example.com or https://*.example.com, or http://localhost',
    )
  }
  return isAny ? url.origin.replace('https://', 'https://*.') : url.origin
}

function dnsName(value: string): string {
  if (
    value === '' ||
    (value.length <= 253 && /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(value))
  )
    return value
  throw new Error('must be a DNS name as hooks.example.com')
}

/** An absolute URL without what a path cannot be put behind, and without its last slash. */
function publicUrl(value: string): string {
  if (value === '') return value
  const url = URL.canParse(value) ? new URL(value) : null
  const isBase = url && /^https?:$/.test(url.protocol) && !/[?#]/.test(value) && url.username + url.password === ''
  if (!isBase) throw new Error('must be a URL as https://hooks.example.com, without query, fragment or credentials')
  return url.href.replace(/\/+$/, '')
}

function allowedNetworks(value: string): readonly AllowedNetwork[] {
  const parsed = parseAllowNetworks(value)
  if (!parsed.ok) throw new Error(parsed.errors.join('; '))
  return parsed.networks
}

function addressBlock(value: string): AddressBlock {
  const block = parseBlock(value)
  if (!block) throw new Error('must be addresses or CIDR blocks, as 10.0.0.0/8')
  return block
}

const dayMs = 86_400_000

/** `14d`, `36h`, `90m`, `30s` as milliseconds; from 1 s to 10 years. */
function duration(value: string): number {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(value.trim())
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: dayMs }[match?.[2] ?? '']
  const ms = Number(match?.[1]) * (unitMs ?? Number.NaN)
  if (!(ms >= 1_000 && ms <= 3_650 * dayMs))
    throw new Error('must be a duration as 14d, 36h, 90m or 30s, from 1s to 3650d')
  return ms
}

function adminKey(value: string): string {
  if (value !== '' && (value.length < 16 || !/^[\x21-\x7e]+$/.test(value))) {
    throw new Error('must be 16 or more printable ASCII characters without spaces')
  }
  return value
}

function storeUrl(value: string): string {
  if (value === '') return value
  const scheme = /^([a-z+]+):/.exec(value)?.[1]
  if (scheme === 'sqlite') return value
  if (scheme === 'kafka' || scheme === 'postgres' || scheme === 'postgresql') {
    throw new Error(`${scheme} is not in this version; use sqlite:<directory>`)
  }
  throw new Error('must be a URL as sqlite:./data')
}
