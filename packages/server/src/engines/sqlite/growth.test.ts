import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import { noTiming } from '../../core/delivery/attempt-timing.ts'
import { everyShare } from '../../core/delivery/shares.ts'
import { type SkippedSpan, withSpan } from '../../core/delivery/skipped-span.ts'
import type { SubscriptionProgress } from '../../core/delivery/subscription-progress.ts'
import type { NewEvent } from '../../core/event/event.ts'
import { operationalEvent } from '../../core/event/operational-event.ts'
import type { Resend, Subscription } from '../../core/registry/registry.ts'
import { ManualClock } from '../../core/time/clock.ts'
import { nothingSettled } from '../../deliver/settling/settling-store.ts'
import { noneEnded, withEnded } from '../../dialects/tripletex/session.ts'
import { createAccessToken, deleteAccessToken } from '../../registry/access-tokens.ts'
import { createApiKey } from '../../registry/api-keys.ts'
import { type AuditEntry, auditBounds } from '../../registry/audit-log.ts'
import { Directory } from '../../registry/directory.ts'
import { createIntegration } from '../../registry/integrations.ts'
import { Registry } from '../../registry/registry.ts'
import type { RegistryRecord, RegistryStore } from '../../registry/registry-store.ts'
import { beginResend, resendRecords } from '../../registry/resend-records.ts'
import { createTenant } from '../../registry/tenants.ts'
import { newEvent } from '../conformance/events.ts'
import { openDatabase } from './file/database.ts'
import { CommitRequestBuilder } from './log/commit-request.ts'
import { Committer } from './log/committer.ts'
import { openForWriting } from './log/log-database.ts'
import { AuditTable } from './state/audit-table.ts'
import { deliveryMigrations } from './state/delivery-schema.ts'
import { DeliveryTables } from './state/delivery-tables.ts'
import { registryMigrations } from './state/registry-schema.ts'
import { type RecordColumns, RegistryTables } from './state/registry-tables.ts'

const dayMs = 24 * 3_600_000
const startMs = Date.UTC(2026, 0, 1)
const retentionDays = 14
const days = 120

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidings-growth-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const pages = (db: DatabaseSync) => Number(db.prepare('PRAGMA page_count').get()!.page_count)
const rows = (db: DatabaseSync, table: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n)

const topics = 3

function toldOf(day: number, subscription: number): NewEvent {
  const nowMs = startMs + day * dayMs
  return operationalEvent({
    ...{ type: 'subscription.lagging', integrationId: 'int_1', tenantId: 0, entityId: `sub_${subscription}` },
    ...{ data: { behind: 1 }, id: `lagging:${subscription}:${day}`, nowMs },
  })
}

/** Rows that opening reads: what it costs, in a number that no machine changes. */
function openingRows(db: DatabaseSync): number {
  let seen = 0
  const prepare = db.prepare.bind(db)
  db.prepare = (sql) => {
    const statement = prepare(sql)
    const [all, iterate] = [statement.all.bind(statement), statement.iterate.bind(statement)]
    statement.all = ((...given: []) => {
      const found = all(...given)
      seen += found.length
      return found
    }) as typeof statement.all
    statement.iterate = function* (...given: []) {
      for (const row of iterate(...given)) {
        seen += 1
        yield row
      }
    } as typeof statement.iterate
    return statement
  }
  new Committer(db, { idRunSize: 100 })
  db.prepare = prepare
  return seen
}

test('the log of four months keeps the size of two weeks, and opening it reads no more', () => {
  const db = openForWriting(directory, 'NORMAL')
  const committer = new Committer(db, { idRunSize: 100 })
  const sizes: { readonly batches: number; readonly runs: number; readonly pages: number; readonly opening: number }[] =
    []
  let number = 0
  for (let day = 0; day < days; day++) {
    for (let commit = 0; commit < 10; commit++) {
      const builder = new CommitRequestBuilder()
      builder.add(
        Array.from({ length: 5 }, () => {
          number += 1
          const own = { id: `id-${number}`, fingerprint: number.toString(16).padStart(16, '0') }
          return newEvent({ ...own, topic: number % 2 ? 'invoices' : 'customers' })
        }),
      )
      // What Tidings tells of itself: at the same places in the log, and said again every hour.
      for (let time = 0; time < 2; time++) builder.add([toldOf(day, commit)])
      committer.commit(builder.build(startMs + day * dayMs + commit).request)
      committer.tidy()
    }
    while (!committer.dropStep(startMs + (day - retentionDays) * dayMs).isDone);
    const size = { batches: rows(db, 'batches'), runs: rows(db, 'id_runs'), pages: pages(db) }
    if (day % 30 === 29) sizes.push({ ...size, opening: openingRows(db) })
  }
  db.close()
  const [first] = sizes
  for (const size of sizes) {
    expect(size.batches).toBe((retentionDays + 1) * 10 * topics)
    expect(size.runs).toBeLessThanOrEqual(first!.runs + 1)
    // The room of dropped rows is used again.
    expect(size.pages).toBeLessThanOrEqual(first!.pages * 1.1)
    // Topics, runs and the ids of less than a run: nothing that grows.
    expect(size.opening).toBeLessThan(100)
  }
})

test('the state of deliveries of four months keeps two weeks of attempts, a table a day', () => {
  const db = openDatabase({ file: join(directory, 'delivery.db'), migrations: deliveryMigrations })
  db.exec('PRAGMA synchronous = OFF')
  const tables = new DeliveryTables(db)
  const sizes: Readonly<
    Record<'days' | 'sums' | 'ended' | 'progress' | 'skippedBytes' | 'forgetting' | 'pages', number>
  >[] = []
  let skipped: readonly SkippedSpan[] = []
  for (let day = 0; day < days; day++) {
    const places = Array.from({ length: 60 }, (_, index) => ({
      ...{ subscription: index % 3, partition: 0, position: day * 60 + index, sequence: index },
      ...{ topic: 'invoices', type: 'invoice.updated', tenantId: 7, entityKey: '1' },
    }))
    const atMs = startMs + day * dayMs
    const attempts = places.map(
      (place): AttemptRecord => ({
        ...{
          ...place,
          atMs,
          attempt: 1,
          durationMs: 5,
          timing: noTiming,
          answerHeaders: null,
          outcome: 'delivered',
          status: 204,
          error: null,
        },
        body: 'x'.repeat(200),
      }),
    )
    const ended = places
      .filter((_, index) => index % 10 === 0)
      .map((place) => ({ ...place, attempts: 1, firstAttemptAtMs: atMs, dueAtMs: atMs, status: 'failed' as const }))
    // A subscription that lives on leaves out four stretches a day, and ten live for this day alone.
    for (let part = 0; part < 4; part++) {
      const after = 10_000 * day + 1_000 * part
      const reason = part % 2 ? ('retention' as const) : ('catch_up_cancelled' as const)
      skipped = withSpan(skipped, { after, to: after + 10, reason, atMs, isReadAgain: false })
    }
    const ofADay = Array.from({ length: 10 }, (_, index) => 1_000 + day * 10 + index)
    const progress = [1, ...ofADay].map((subscription): SubscriptionProgress => {
      const reading = { mode: 'own' as const, catchUp: null, skipped: subscription === 1 ? skipped : [] }
      return { subscription, partition: 0, position: day * 60, sequence: day * 60, ...reading }
    })
    const waiting = ofADay.map((subscription) => ({
      ...{ ...places[0]!, subscription, attempts: 1, firstAttemptAtMs: atMs, dueAtMs: atMs + dayMs },
    }))
    const watermarks = [{ partition: 0, position: day * 60 + 59 }]
    for (const place of progress) tables.place(place)
    tables.settle({ ...nothingSettled, attempts, ended, waiting, progress, watermarks }, everyShare)
    for (const subscription of ofADay) {
      tables.startForgetting(subscription)
      while (tables.forgetSome(subscription));
    }
    while (tables.dropSomeBefore(atMs - retentionDays * dayMs));
    const names = db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name GLOB 'attempts_*'")
    const size = { days: Number(names.get()!.n), sums: rows(db, 'sums'), ended: rows(db, 'outstanding') }
    const kept = { progress: rows(db, 'progress'), forgetting: rows(db, 'forgetting') }
    const { bytes } = db.prepare('SELECT sum(length(skipped)) AS bytes FROM progress').get() as { bytes: number }
    if (day % 30 === 29) sizes.push({ ...size, ...kept, skippedBytes: bytes, pages: pages(db) })
  }
  db.close()
  const [first] = sizes
  for (const size of sizes) {
    expect(size.days).toBe(retentionDays + 1)
    expect(size.sums).toBe(first!.sums)
    expect(size.ended).toBe((retentionDays + 1) * 6)
    expect(size).toMatchObject({ progress: 1, forgetting: 0 })
    expect(size.skippedBytes).toBeLessThanOrEqual(first!.skippedBytes * 1.1)
    expect(size.pages).toBeLessThanOrEqual(first!.pages * 1.1)
  }
})

test('the audit log is as large after four months of many changes as after one', () => {
  const db = openDatabase({ file: join(directory, 'registry.db'), migrations: registryMigrations })
  db.exec('PRAGMA synchronous = OFF')
  const audit = new AuditTable(db)
  // The first month fills it, the others go on.
  const madeOn = (day: number) => (day < 25 ? auditBounds.entries / 25 : 500)
  const change: AuditEntry = {
    ...{ at: '2026-01-01T00:00:00Z', by: { kind: 'operator', id: 'key_1' }, address: '127.0.0.1' },
    ...{ request: 'POST /v1/tenants', kind: 'tenant', id: '29302', action: 'created' },
    ...{ integrationId: null, tenantId: 29302 },
  }
  const entries = Array.from({ length: 500 }, () => change)
  const sizes: { readonly entries: number; readonly pages: number }[] = []
  for (let day = 0; day < days; day++) {
    for (let made = 0; made < madeOn(day); made += entries.length) audit.append(entries, startMs + day * dayMs)
    if (day % 30 === 29) sizes.push({ entries: rows(db, 'audit'), pages: pages(db) })
  }
  // A quiet year later there is next to nothing.
  for (let time = 0; time < 1_001; time++) audit.append([change], startMs + (days + 401) * dayMs)
  expect(rows(db, 'audit')).toBe(1_001)
  db.close()
  for (const size of sizes) {
    expect(size.entries).toBe(auditBounds.entries)
    expect(size.pages).toBeLessThanOrEqual(sizes[0]!.pages * 1.1)
  }
}, 240_000)

/** The registry's tables at a time of the test's own. */
function storeOver(tables: RegistryTables, nowMs: () => number): RegistryStore {
  const wakes = new Set<() => void>()
  const recordsOf = ({ revision, hasMore, kinds, ids, revisions, values }: RecordColumns) => ({
    ...{ revision, hasMore },
    records: kinds.map((kind, index) => {
      const value = values[index]
      return { kind, id: ids[index], revision: revisions[index], value: value ? JSON.parse(value) : null }
    }) as RegistryRecord[],
  })
  return {
    async commit(writes) {
      const commit = tables.commit(writes, nowMs())
      for (const wake of wakes) wake()
      return commit
    },
    changesAfter: async (revision, limit) => recordsOf(tables.changesAfter(revision, limit)),
    nextNumber: async () => tables.nextNumber(),
    onChanged(wake) {
      wakes.add(wake)
      return () => wakes.delete(wake)
    },
    async close() {},
  }
}

test('a registry whose tokens, keys, sessions and resends come and go is as large after four months as after one', async () => {
  const db = openDatabase({ file: join(directory, 'registry.db'), migrations: registryMigrations })
  db.exec('PRAGMA synchronous = OFF')
  const clock = new ManualClock(startMs)
  const store = storeOver(new RegistryTables(db), () => clock.now())
  const known = await Directory.follow(store, clock)
  const registry = new Registry({ store, directory: known, peppers: [Buffer.alloc(32, 1)], clock })
  await createTenant(registry, { id: 1, name: 'One' })
  const { id: integrationId } = await createIntegration(registry, { name: 'Sync' })
  const owner = { id: 'sub_1', integrationId, boundTenantId: null } as Subscription
  const resends = resendRecords(registry, retentionDays * dayMs)
  let ended = noneEnded
  const sizes: Readonly<Record<'live' | 'gone' | 'bytes' | 'pages', number>>[] = []
  for (let day = 0; day < days; day++) {
    for (let hour = 0; hour < 24; hour++) {
      // As an application that makes a token for each hour, and a key for each visit.
      const expiresAt = new Date(clock.now() + 3_600_000).toISOString()
      await createAccessToken(registry, integrationId, { tenantId: 1, expiresAt })
      const { id } = await createAccessToken(registry, integrationId, { tenantId: 1 })
      await deleteAccessToken(registry, integrationId, id)
      await createApiKey(registry, { kind: 'portal', integrationId })
      const resend = await beginResend(registry, owner, {} as Resend['filter'], () => false)
      await resends.end(resend.id, 'cancelled')
      await resends.dropOld(integrationId)
      const session = { id: `${day}-${hour}`, createdMs: clock.now(), endsMs: clock.now() + 2 * dayMs }
      ended = withEnded(ended, { tokenId: 'tok_1', ...session }, clock.now())
      await clock.advance(3_600_000)
    }
    const { live, gone } = db
      .prepare('SELECT count(value) AS live, count(*) - count(value) AS gone FROM records')
      .get() as { live: number; gone: number }
    const bytes = JSON.stringify(ended).length
    if (day % 30 === 29) sizes.push({ live, gone, bytes, pages: pages(db) })
  }
  await known.stop()
  db.close()
  const [first] = sizes
  for (const size of sizes) {
    expect(size.live).toBe(first!.live)
    // Seven days of them, and those of a thousand commits.
    expect(size.gone).toBeLessThanOrEqual(first!.gone * 1.5)
    expect(size.bytes).toBeLessThanOrEqual(first!.bytes * 1.1)
    // How full pages are is as random as the ids in them; what grew without end would be four times as large.
    expect(size.pages).toBeLessThanOrEqual(first!.pages * 1.5)
  }
}, 240_000)
