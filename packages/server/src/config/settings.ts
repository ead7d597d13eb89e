/** How one setting is named in each place, and what it is without being set. */
export interface Setting {
  readonly env: string
  /** In the help: the kind of value. */
  readonly placeholder: string
  readonly description: string
  /** As a flag would give it. */
  readonly fallback: string
  /** All that it may be, where that is a list. */
  readonly choices?: readonly string[]
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

/**
 * Every setting of the server, by its name in the file, which is in kebab-case its flag. What it may be is in
 * `setting-schema.ts`. Flags win over the environment, the environment over the file.
 */
export const settings = {
  port: {
    env: 'TIDINGS_PORT',
    placeholder: 'number',
    description: 'port to listen on; 0 takes a free one',
    fallback: '8080',
  },
  host: {
    env: 'TIDINGS_HOST',
    placeholder: 'address',
    description: 'address to listen on; 0.0.0.0 or :: for all',
    fallback: '127.0.0.1',
  },
  data: {
    env: 'TIDINGS_DATA',
    placeholder: 'directory',
    description: 'directory of the embedded store',
    fallback: './data',
  },
  log: {
    env: 'TIDINGS_LOG',
    placeholder: 'url',
    description: 'the event log, as sqlite:./data; empty: in --data',
    fallback: '',
  },
  db: {
    env: 'TIDINGS_DB',
    placeholder: 'url',
    description: 'registry and delivery state, as sqlite:./data; empty: in --data',
    fallback: '',
  },
  adminKey: {
    env: 'TIDINGS_ADMIN_KEY',
    placeholder: 'key',
    description: "the operator's key, 16 characters or more",
    fallback: '',
  },
  masterKey: {
    env: 'TIDINGS_MASTER_KEY',
    placeholder: 'key',
    description: 'seals secrets at rest: 32 bytes as base64 or hex; empty: master.key in --data, made at first start',
    fallback: '',
  },
  retention: {
    env: 'TIDINGS_RETENTION',
    placeholder: 'duration',
    description: 'how long events and attempts are kept',
    fallback: '14d',
  },
  allowNetworks: {
    env: 'TIDINGS_ALLOW_NETWORKS',
    placeholder: 'list',
    description: 'endpoints that are not public but allowed: CIDR or address, with an optional port',
    fallback: '',
  },
  allowHttp: {
    env: 'TIDINGS_ALLOW_HTTP',
    placeholder: 'true|false',
    description: 'allow plain-http endpoints',
    fallback: 'false',
  },
  allowPorts: {
    env: 'TIDINGS_ALLOW_PORTS',
    placeholder: 'list',
    description: 'endpoint ports allowed beside 443 and 8443',
    fallback: '',
  },
  tenants: {
    env: 'TIDINGS_TENANTS',
    placeholder: 'any|strict',
    description: 'events of tenants that have not been created: `any` accepts and reports them, `strict` refuses them',
    fallback: 'any',
  },
  trustProxies: {
    env: 'TIDINGS_TRUST_PROXIES',
    placeholder: 'list',
    description: 'proxies (CIDR or address) whose X-Forwarded-For is believed',
    fallback: '',
  },
  corsOrigins: {
    env: 'TIDINGS_CORS_ORIGINS',
    placeholder: 'list',
    description: 'origins whose pages may read the stream and the feed, as https://app.example.com',
    fallback: '',
  },
  frameAncestors: {
    env: 'TIDINGS_FRAME_ANCESTORS',
    placeholder: 'list',
    description:
      'origins whose pages may show the portal in a frame, as https://app.example.com or https://*.example.com',
    fallback: '',
  },
  wrongKeysPerMinute: {
    env: 'TIDINGS_WRONG_KEYS_PER_MINUTE',
    placeholder: 'number',
    description: 'wrong keys a minute per address before they are answered with 429',
    fallback: '20',
  },
  requestsPerSecond: {
    env: 'TIDINGS_REQUESTS_PER_SECOND',
    placeholder: 'number',
    description: 'requests a second per integration',
    fallback: '1000',
  },
  streamsPerIntegration: {
    env: 'TIDINGS_STREAMS_PER_INTEGRATION',
    placeholder: 'number',
    description: 'open streams per integration, WebSocket and server-sent events together',
    fallback: '100',
  },
  streamsPerAddress: {
    env: 'TIDINGS_STREAMS_PER_ADDRESS',
    placeholder: 'number',
    description: 'open streams per address, WebSocket and server-sent events together',
    fallback: '100',
  },
  originName: {
    env: 'TIDINGS_ORIGIN_NAME',
    placeholder: 'name',
    description: 'the DNS name by which receivers of CloudEvents know this server; empty: the name of the machine',
    fallback: '',
  },
  publicUrl: {
    env: 'TIDINGS_PUBLIC_URL',
    placeholder: 'url',
    description:
      'where receivers reach this server, as https://hooks.example.com: lets those of CloudEvents consent later; empty: they consent in their answer',
    fallback: '',
  },
  attempts: {
    env: 'TIDINGS_ATTEMPTS',
    placeholder: 'number',
    description: 'webhook attempts under way at once',
    fallback: '1024',
  },
  sendThreads: {
    env: 'TIDINGS_SEND_THREADS',
    placeholder: 'number',
    description: 'threads that send to endpoints that answer; one more sends to all others',
    fallback: '1',
  },
  metricSubscriptions: {
    env: 'TIDINGS_METRIC_SUBSCRIPTIONS',
    placeholder: 'number',
    description: 'subscriptions with a label of their own in the metrics; all others together are `other`',
    fallback: '100',
  },
  drainSeconds: {
    env: 'TIDINGS_DRAIN_SECONDS',
    placeholder: 'number',
    description: 'how long SIGTERM waits for requests and attempts under way',
    fallback: '20',
  },
  logLevel: {
    env: 'TIDINGS_LOG_LEVEL',
    placeholder: 'level',
    description: 'how much is logged, from trace to silent',
    fallback: 'info',
    choices: logLevels,
  },
} as const satisfies Readonly<Record<string, Setting>>

export type SettingName = keyof typeof settings

/** As `allow-http` of `allowHttp`. */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
