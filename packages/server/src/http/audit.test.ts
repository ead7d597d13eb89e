import Fastify from 'fastify'
import { expect, test } from 'vitest'
import type { Caller } from '../core/credential/caller.ts'
import type { AuditEntry } from '../registry/audit-log.ts'
import { tenantOf } from '../registry/fixtures/records.ts'
import { makeTestRegistry } from '../registry/fixtures/test-registry.ts'
import { createTenant } from '../registry/tenants.ts'
import { putRecord } from '../registry/writes.ts'
import { auditChanges } from './audit.ts'

/** Routes that change something, by a caller, with the log that is kept of them. */
async function startWorld(caller: Caller | undefined = { kind: 'operator', keyId: 'key_1' }) {
  const { registry } = await makeTestRegistry()
  const kept: AuditEntry[] = []
  const told: AuditEntry[] = []
  const failures: unknown[] = []
  let refusal: Error | null = null
  const app = Fastify()
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request) => {
    if (caller) request.caller = caller
  })
  auditChanges(app, {
    registry,
    audit: {
      append: async (entries) => {
        if (refusal) throw refusal
        kept.push(...entries)
      },
      page: async () => ({ entries: [], next: null }),
    },
    belongings: {
      belongingOf: (collection, id) =>
        collection === 'things' && id === 't1' ? { integrationId: 'int_1', tenantId: 7 } : null,
    },
    tell: (entry: AuditEntry) => told.push(entry),
    onFailure: (error: unknown) => failures.push(error),
  })
  const config = { callers: ['operator'] as const }
  let later: Promise<unknown> = Promise.resolve()
  app.post('/v1/tenants', { config }, async () => createTenant(registry, { id: 7 }))
  app.post('/v1/later', { config }, async () => {
    later = new Promise(setImmediate).then(() => registry.commit([putRecord('tenant', tenantOf(9))]))
    return 'begun'
  })
  app.post('/v1/things/:id/act', { config }, async () => 'acted')
  app.post('/v1/refused', { config }, async (_request, reply) => reply.code(409).send('no'))
  app.post('/v1/events', { config }, async () => 'published')
  app.post('/open', async () => 'done')
  app.get('/v1/things', { config }, async () => 'listed')
  return {
    ...{ app, kept, told, failures },
    post: (url: string) => app.inject({ method: 'POST', url }),
    later: () => later,
    refuseWith: (error: Error) => {
      refusal = error
    },
  }
}

test('what a request changes in the registry is kept, with who it was and from where', async () => {
  const { post, kept, told } = await startWorld()
  await post('/v1/tenants')
  expect(kept).toEqual([
    {
      ...{ at: '2026-01-01T00:00:00.000Z', by: { kind: 'operator', id: 'key_1' }, address: '127.0.0.1' },
      ...{ request: 'POST /v1/tenants', kind: 'tenant', id: '7', action: 'created', integrationId: null, tenantId: 7 },
    },
  ])
  expect(told).toEqual(kept)
})

test('a request that changes something else is kept as requested, with whose it is', async () => {
  const { post, kept } = await startWorld()
  await post('/v1/things/t1/act')
  await post('/v1/things/t2/act')
  expect(
    kept.map(({ kind, id, action, integrationId, tenantId }) => [kind, id, action, integrationId, tenantId]),
  ).toEqual([
    ['things', 't1', 'requested', 'int_1', 7],
    ['things', 't2', 'requested', null, null],
  ])
})

test('reading, publishing, what was refused and what anybody may call is not administration', async () => {
  const { app, post, kept } = await startWorld()
  await app.inject('/v1/things')
  for (const url of ['/v1/events', '/v1/refused', '/open', '/v1/nowhere']) await post(url)
  expect(kept).toEqual([])
})

test('what goes on after the answer is not the request’s doing', async () => {
  const { post, kept, later } = await startWorld()
  await post('/v1/later')
  await later()
  expect(kept.map(({ action, kind }) => `${action} ${kind}`)).toEqual(['requested later'])
})

test.each<[string, Caller | undefined, AuditEntry['by']]>([
  ['the configured key', { kind: 'operator' }, { kind: 'operator', id: 'configured' }],
  [
    'a portal by its integration',
    { kind: 'portal', keyId: 'key_9', integrationId: 'int_1' },
    { kind: 'portal', id: 'int_1' },
  ],
  ['a publisher', { kind: 'publisher' }, { kind: 'publisher', id: null }],
])('who it was: %s', async (_, caller, by) => {
  const { post, kept } = await startWorld(caller)
  await post('/v1/tenants')
  expect(kept.map((entry) => entry.by)).toEqual([by])
})

test('a log that cannot be written is a failure, and the change stands', async () => {
  const { post, kept, failures, refuseWith } = await startWorld()
  const full = new Error('the disk is full')
  refuseWith(full)
  expect((await post('/v1/tenants')).statusCode).toBe(200)
  expect([kept, failures]).toEqual([[], [full]])
})
