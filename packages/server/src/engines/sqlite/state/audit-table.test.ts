import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { AuditEntry } from '../../../registry/audit-log.ts'
import { openDatabase } from '../file/database.ts'
import { AuditTable } from './audit-table.ts'
import { registryMigrations } from './registry-schema.ts'

const directory = mkdtempSync(join(tmpdir(), 'tidings-audit-table-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('a filter that little fits looks through the whole log in bounded steps and finds it all', () => {
  const db = openDatabase({ file: join(directory, 'registry.db'), migrations: registryMigrations })
  const audit = new AuditTable(db)
  const entry = (id: string): AuditEntry => ({
    ...{ at: '2026-01-01T00:00:00Z', by: { kind: 'operator', id: 'key_1' }, address: '127.0.0.1' },
    ...{ request: 'POST /v1/tenants', kind: 'tenant', id, action: 'created', integrationId: null, tenantId: 1 },
  })
  for (let group = 0; group < 24; group++) {
    audit.append(
      Array.from({ length: 500 }, (_, index) => entry(index === 0 ? `rare ${group}` : 'common')),
      1_000 + group,
    )
  }
  const rare: (string | null)[] = []
  let steps = 0
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; steps++) {
    const page = audit.page({ before, limit: 3, filter: { subject: 'rare 7' } })
    rare.push(...page.entries.map(({ id }) => id))
    before = page.next
  }
  expect(rare).toEqual(['rare 7'])
  expect(steps).toBe(3)
  const last = audit.page({ before: 4, limit: 3, filter: {} })
  expect([last.entries.map(({ number }) => number), last.next]).toEqual([[3, 2, 1], null])
  const full = audit.page({ before: 5, limit: 3, filter: {} })
  expect([full.entries.map(({ number }) => number), full.next]).toEqual([[4, 3, 2], 2])
  db.close()
})
