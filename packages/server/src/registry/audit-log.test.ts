import { expect, test } from 'vitest'
import { type AuditEntry, type AuditFilter, isMeant } from './audit-log.ts'

const entry: AuditEntry = {
  ...{ at: '2026-01-01T00:00:00Z', by: { kind: 'integrator', id: 'int_2' }, address: '192.0.2.1' },
  ...{ request: 'DELETE /v1/x', kind: 'token', id: 'tok_1', action: 'deleted', integrationId: 'int_1', tenantId: 7 },
}
const atMs = 1_000

test.each<[AuditFilter, boolean]>([
  [{}, true],
  [{ integration: 'int_1' }, true],
  // What an integration did counts as its own, too.
  [{ integration: 'int_2' }, true],
  [{ integration: 'int_3' }, false],
  [{ tenant: 7 }, true],
  [{ tenant: 8 }, false],
  [{ kind: 'token' }, true],
  [{ kind: 'tenant' }, false],
  [{ subject: 'tok_1' }, true],
  [{ subject: 'tok_2' }, false],
  [{ action: 'deleted' }, true],
  [{ action: 'created' }, false],
  [{ actor: 'integrator' }, true],
  [{ actor: 'int_2' }, true],
  [{ actor: 'operator' }, false],
  [{ address: '192.0.2.1' }, true],
  [{ address: '192.0.2.2' }, false],
  [{ sinceMs: 1_000 }, true],
  [{ sinceMs: 1_001 }, false],
  [{ untilMs: 1_001 }, true],
  [{ untilMs: 1_000 }, false],
  [{ kind: 'token', tenant: 8 }, false],
])('%j', (filter, expected) => {
  expect(isMeant(entry, atMs, filter)).toBe(expected)
})
