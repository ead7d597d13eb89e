import { type AddressBlock, parseBlock } from '../core/address/address.ts'
import { type AllowedNetwork, parseAllowNetworks } from '../core/address/endpoint-policy.ts'
import { AppError } from '../core/errors.ts'

/** One setting: how it is named in each place, read from text, and what it is without being set. */
export interface Setting<T> {
  /** In the file, and as the flag in kebab-case. */
  readonly name: string
  readonly env: string
  readonly description: string
  readonly placeholder: string
  readonly isSecret: boolean
  readonly fallback: T
  /** All that it may be, where that is a list. */
  readonly choices?: readonly string[]
  /** @throws Error with what is allowed. */
  readonly parse: (text: string) => T
}

function setting<T>(
  name: string,
  env: string,
  placeholder: string,
  description: string,
  fallback: T,
  parse: (text: string) => T,
  isSecret = false,
): Setting<T> {
  return { name, env, description, placeholder, isSecret, fallback, parse }
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

/** Every setting of the server. Flags win over the environment, the environment over the file. */
export const settings = {
  port: setting('port', 'TIDINGS_PORT', 'number', 'port to listen on; 0 takes a free one', 8080, integer(0, 65_535)),
  host: setting('host', 'TIDINGS_HOST', 'address', 'address to listen on; 0.0.0.0 or :: for all', '127.0.0.1', text(1)),
  data: setting('data', 'TIDINGS_DATA', 'directory', 'directory of the embedded store', './data', text(1)),
  log: setting('log', 'TIDINGS_LOG', 'url', 'the event log, as sqlite:./data; empty: in --data', '', storeUrl),
  db: setting(
    'db',
    'TIDINGS_DB',
    'url',
    'registry and delivery state, as sqlite:./data; empty: in --data',
    '',
    storeUrl,
  ),
  adminKey: setting(
    'adminKey',
    'TIDINGS_ADMIN_KEY',
    'key',
    "the operator's key, 16 characters or more",
    '',
    adminKey,
    true,
  ),
  masterKey: setting(
    'masterKey',
    'TIDINGS_MASTER_KEY',
    'key',
    'seals secrets at rest: 32 bytes as base64 or hex; empty: master.key in --data, made at first start',
    '',
    text(0),
    true,
  ),
  retention: setting(
    'retention',
    'TIDINGS_RETENTION',
    'duration',
    'how long events and attempts are kept',
    days(14),
    duration,
  ),
  allowNetworks: setting(
    'allowNetworks',
    'TIDINGS_ALLOW_NETWORKS',
    'list',
    'endpoints that are not public but allowed: CIDR or address, with an optional port',
    [] as readonly AllowedNetwork[],
    allowedNetworks,
  ),
  allowHttp: setting('allowHttp', 'TIDINGS_ALLOW_HTTP', 'true|false', 'allow plain-http endpoints', false, boolean),
  allowPorts: setting(
    'allowPorts',
    'TIDINGS_ALLOW_PORTS',
    'list',
    'endpoint ports allowed beside 443 and 8443',
    [] as readonly number[],
    list(integer(1, 65_535)),
  ),
  tenants: setting(
    'tenants',
    'TIDINGS_TENANTS',
    'any|strict',
    'events of tenants that have not been created: `any` accepts and reports them, `strict` refuses them',
    'any' as TenantsPolicy,
    tenantsPolicy,
  ),
  trustProxies: setting(
    'trustProxies',
    'TIDINGS_TRUST_PROXIES',
    'list',
    'proxies (CIDR or address) whose X-Forwarded-For is believed',
    [] as readonly AddressBlock[],
    list(addressBlock),
  ),
  corsOrigins: setting(
    'corsOrigins',
    'TIDINGS_CORS_ORIGINS',
    'list',
    'origins whose pages may read the stream and the feed, as https://app.example.com',
    [] as readonly string[],
    list(origin),
  ),
  wrongKeysPerMinute: setting(
    'wrongKeysPerMinute',
    'TIDINGS_WRONG_KEYS_PER_MINUTE',
    'number',
    'wrong keys a minute per address before they are answered with 429',
    20,
    integer(1, 1_000_000),
  ),
  requestsPerSecond: setting(
    'requestsPerSecond',
    'TIDINGS_REQUESTS_PER_SECOND',
    'number',
    'requests a second per integration',
    1_000,
    integer(1, 1_000_000),
  ),
  streamsPerIntegration: setting(
    'streamsPerIntegration',
    'TIDINGS_STREAMS_PER_INTEGRATION',
    'number',
    'open streams per integration, WebSocket and server-sent events together',
    100,
    integer(1, 1_000_000),
  ),
  streamsPerAddress: setting(
    'streamsPerAddress',
    'TIDINGS_STREAMS_PER_ADDRESS',
    'number',
    'open streams per address, WebSocket and server-sent events together',
    100,
    integer(1, 1_000_000),
  ),
  originName: setting(
    'originName',
    'TIDINGS_ORIGIN_NAME',
    'name',
    'the DNS name by which receivers of CloudEvents know this server; empty: the name of the machine',
    '',
    dnsName,
  ),
  publicUrl: setting(
    'publicUrl',
    'TIDINGS_PUBLIC_URL',
    'url',
    'where receivers reach this server, as https://hooks.example.com: lets those of CloudEvents consent later; empty: they consent in their answer',
    '',
    publicUrl,
  ),
  attempts: setting(
    'attempts',
    'TIDINGS_ATTEMPTS',
    'number',
    'webhook attempts under way at once',
    1_024,
    integer(4, 65_536),
  ),
  sendThreads: setting(
    'sendThreads',
    'TIDINGS_SEND_THREADS',
    'number',
    'threads that send to endpoints that answer; one more sends to all others',
    1,
    integer(1, 64),
  ),
  metricSubscriptions: setting(
    'metricSubscriptions',
    'TIDINGS_METRIC_SUBSCRIPTIONS',
    'number',
    'subscriptions with a label of their own in the metrics; all others together are `other`',
    100,
    integer(0, 10_000),
  ),
  drainSeconds: setting(
    'drainSeconds',
    'TIDINGS_DRAIN_SECONDS',
    'number',
    'how long SIGTERM waits for requests and attempts under way',
    20,
    integer(1, 600),
  ),
  logLevel: {
    ...setting('logLevel', 'TIDINGS_LOG_LEVEL', 'level', 'how much is logged, from trace to silent', 'info', logLevel),
    choices: logLevels,
  },
} as const

export type SettingName = keyof typeof settings
export type SettingValues = { readonly [K in SettingName]: ReturnType<(typeof settings)[K]['parse']> }

function integer(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!/^-?\d+$/.test(value.trim()) || number < min || number > max) {
      throw new Error(`must be a whole number from ${min} to ${max}`)
    }
    return number
  }
}

function text(minLength: number): (value: string) => string {
  return (value) => {
    if (value.length < minLength) throw new Error('must not be empty')
    return value
  }
}

/** As browsers write it in `Origin`: no path, no default port, lower case. */
function origin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== value.toLowerCase()) {
    throw new Error('must be origins, as https://app.example.com: a scheme and a host, without a path')
  }
  return url.origin
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

function boolean(value: string): boolean {
  if (['true', '1', 'yes', 'on'].includes(value)) return true
  if (['false', '0', 'no', 'off', ''].includes(value)) return false
  throw new Error('must be true or false')
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

function list<T>(parse: (item: string) => T): (value: string) => readonly T[] {
  return (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map(parse)
}

function days(count: number): number {
  return count * 86_400_000
}

/** `14d`, `36h`, `90m`, `30s` as milliseconds; from 1 s to 10 years. */
function duration(value: string): number {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(value.trim())
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? '']
  const ms = Number(match?.[1]) * (unitMs ?? Number.NaN)
  if (!(ms >= 1_000 && ms <= days(3_650)))
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

/** What becomes of an event whose tenant has not been created. */
export type TenantsPolicy = 'any' | 'strict'

function tenantsPolicy(value: string): TenantsPolicy {
  if (value === 'any' || value === 'strict') return value
  throw new Error('must be any or strict')
}

function logLevel(value: string): (typeof logLevels)[number] {
  const level = logLevels.find((known) => known === value)
  if (!level) throw new Error(`must be one of ${logLevels.join(', ')}`)
  return level
}

export function configurationError(faults: readonly { readonly place: string; readonly detail: string }[]): AppError {
  const lines = faults.map(({ place, detail }) => `  ${place}: ${detail}`)
  return new AppError(
    'invalid_configuration',
    `The configuration has ${faults.length === 1 ? '1 fault' : `${faults.length} faults`}:\n${lines.join('\n')}`,
    {
      errors: faults.map(({ place, detail }) => ({ pointer: place, code: 'invalid', detail })),
    },
  )
}
