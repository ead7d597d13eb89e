import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { DialectName } from '../core/dialect/dialect-names.ts'
import { dialects } from './dialects.ts'

/** The same role has the same file name in every dialect: who knows one of them knows where to look in the others. */

/** What more than one dialect has, and what each of them calls it. docs/guides/adding-a-dialect.md says the same. */
const roles = {
  'dialect.ts': 'the dialect, put together',
  'encode.ts': 'an event on the wire',
  'policy.ts': 'what is a success, and when is it tried again',
  'settings.ts': 'the faults of what is kept in `Subscription.settings`, or set by the operator',
  'registration.ts': 'the receiver is asked whether it wants deliveries',
  'routes.ts': 'the interface that integrators call or connect to',
  'subscription-routes.ts': 'of `routes.ts`: what it has for subscriptions',
  'openapi.ts': 'the interface, for `/openapi.json`',
  'caller.ts': 'who calls, by the credentials of the contract',
  'subscription-input.ts': 'a subscription as its client sends it',
  'subscription-view.ts': 'a subscription as its client sees it',
  'refusal.ts': 'what is refused, in the shape of the contract',
  'sample.ts': 'events and credentials for `tidings emulate`',
  'fixtures/client.ts': 'an integrator’s own code, for tests',
  'dialect.test.ts': 'the conformance suite over golden bytes',
  'reference.test.ts': 'the examples of its reference page work',
  'life.e2e.test.ts': 'subscribe, receive, fail, change, go',
  'refusal.e2e.test.ts': 'each refusal of the contract',
  'every-event.e2e.test.ts': 'each event of the contract can be had',
} as const
type Role = keyof typeof roles

const ofAll = ['dialect.ts', 'encode.ts', 'sample.ts', 'reference.test.ts'] as const
const ofWebhooks = [...ofAll, 'policy.ts', 'dialect.test.ts'] as const
const ofInterfaces = [
  ...ofWebhooks,
  'settings.ts',
  'routes.ts',
  'caller.ts',
  'subscription-view.ts',
  'refusal.ts',
  'fixtures/client.ts',
  'life.e2e.test.ts',
  'refusal.e2e.test.ts',
] as const

/** Which of the roles each dialect has. */
const rolesOf: Record<DialectName, readonly Role[]> = {
  standard: ofWebhooks,
  cloudevents: [...ofWebhooks, 'settings.ts', 'registration.ts', 'routes.ts'],
  fortnox: [...ofAll, 'routes.ts', 'openapi.ts', 'fixtures/client.ts', 'every-event.e2e.test.ts'],
  tripletex: [
    ...ofInterfaces,
    'openapi.ts',
    'subscription-routes.ts',
    'subscription-input.ts',
    'every-event.e2e.test.ts',
  ],
  'visma-business-nxt': [...ofInterfaces, 'subscription-routes.ts'],
  fakturownia: [...ofInterfaces, 'openapi.ts', 'subscription-input.ts'],
  moneybird: [...ofInterfaces, 'registration.ts', 'openapi.ts', 'subscription-input.ts', 'every-event.e2e.test.ts'],
}

/** What only one dialect has, by the words of its contract. */
const ownOf: Record<DialectName, readonly string[]> = {
  standard: [],
  cloudevents: ['attributes', 'event-text', 'handshake', 'header-value'],
  fortnox: ['commands', 'connection', 'connection-state', 'replies', 'topics'],
  tripletex: [
    'entity-model',
    'event-routes',
    'list-query',
    'models',
    'request',
    'sample-delivery',
    'session',
    'session-routes',
    'sessions',
    'subscription-plan',
    'target-url',
  ],
  'visma-business-nxt': ['page', 'schemas', 'signature-key', 'tables', 'target', 'target-routes'],
  fakturownia: ['entity', 'form', 'texts'],
  moneybird: ['administration', 'enabled-events', 'request-window', 'webhook-id'],
}

const filesOf = (dialect: string) =>
  readdirSync(new URL(`${dialect}/`, import.meta.url), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
const isRole = (path: string): path is Role => Object.hasOwn(roles, path)

test('each folder is a dialect, but for what all of them share', () => {
  const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['contract', 'fixtures'].includes(entry.name))
    .map(({ name }) => name)
  expect(folders.sort()).toEqual(Object.keys(rolesOf).sort())
  expect(dialects.map(({ name }) => name).sort()).toEqual(folders.sort())
})

describe.each(dialects)(
  '$name',
  ({ name, webhook, checkSettings, checkOperatorSettings, register, routes, openapi }) => {
    const files = filesOf(name)

    test('has the files of its roles, and no other role', () => {
      expect(files.filter(isRole).sort()).toEqual([...rolesOf[name]].sort())
    })

    test('has a file for what it does', () => {
      const needed: Role[] = [...(webhook ? ofWebhooks : ofAll)]
      if (checkSettings || checkOperatorSettings) needed.push('settings.ts')
      if (register) needed.push('registration.ts')
      if (routes) needed.push('routes.ts')
      if (openapi) needed.push('openapi.ts')
      expect(rolesOf[name]).toEqual(expect.arrayContaining(needed))
    })

    test('has no file beside them but those of its own words', () => {
      const others = files.filter((path) => !isRole(path) && !path.includes('/') && !path.endsWith('.test.ts'))
      expect(others.sort()).toEqual(ownOf[name].map((own) => `${own}.ts`).sort())
    })
  },
)

test('what two dialects have is a role', () => {
  const own = Object.values(ownOf).flat()
  expect(own).toHaveLength(new Set(own).size)
  expect(own.filter((name) => isRole(`${name}.ts`))).toEqual([])
})
