import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AttemptRecord } from '../../../core/delivery/attempt-record.ts'
import { noTiming } from '../../../core/delivery/attempt-timing.ts'
import { soleLease } from '../../../core/delivery/lease.ts'
import { everyShare } from '../../../core/delivery/shares.ts'
import { nothingSettled, type Settlement } from '../../../deliver/settling/settling-store.ts'
import { openDatabase } from '../file/database.ts'
import { deliveryMigrations } from './delivery-schema.ts'
import { DeliveryTables } from './delivery-tables.ts'
import { openSqliteState } from './state.ts'

const dayMs = 24 * 3_600_000
const startMs = Date.UTC(2026, 0, 10)
const attempt = (position: number, rest: Partial<AttemptRecord> = {}): AttemptRecord => ({
  subscription: 1,
  partition: 0,
  position,
  topic: 'invoices',
  type: 'invoice.updated',
  tenantId: 1,
  entityKey: '1',
  attempt: 1,
  sequence: position,
  atMs: startMs,
  durationMs: 1,
  timing: noTiming,
  answerHeaders: null,
  status: 200,
  error: null,
  body: null,
  outcome: 'delivered',
  ...rest,
})
const many = (count: number, rest: Partial<AttemptRecord> = {}) =>
  Array.from({ length: count }, (_, n) => attempt(n + 1, rest))

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidings-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('the tables of delivery state', () => {
  let database: DatabaseSync
  let tables: DeliveryTables
  beforeEach(() => {
    database = openDatabase({ file: join(directory, 'delivery.db'), migrations: deliveryMigrations })
    tables = new DeliveryTables(database)
  })
  afterEach(() => database.close())
  const days = () =>
    database
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'attempts_*' ORDER BY name`)
      .all()
      .map((row) => row.name)

  it('keep attempts in a table for each day, and retention drops it', () => {
    tables.settle(
      {
        ...nothingSettled,
        attempts: [0, 1, 2].map((day) => attempt(day + 1, { atMs: startMs + day * dayMs + 5 })),
      },
      everyShare,
    )
    expect(days()).toEqual(['attempts_20260110', 'attempts_20260111', 'attempts_20260112'])
    while (tables.dropSomeBefore(startMs + 2 * dayMs - 1));
    expect(days()).toEqual(['attempts_20260111', 'attempts_20260112'])
    while (tables.dropSomeBefore(startMs + 2 * dayMs));
    expect(days()).toEqual(['attempts_20260112'])
  })

  it('undo a settlement that the disk had no room for, its new day too, and take it later', () => {
    tables.settle(
      { ...nothingSettled, attempts: [attempt(1)], watermarks: [{ partition: 0, position: 1 }] },
      everyShare,
    )
    const large: Settlement = {
      ...nothingSettled,
      attempts: many(50, { atMs: startMs + dayMs, body: 'x'.repeat(16_384) }),
      watermarks: [{ partition: 0, position: 50 }],
    }
    database.exec('PRAGMA max_page_count = 40')
    expect(() => tables.settle(large, everyShare)).toThrow(/full/)
    expect(days()).toEqual(['attempts_20260110'])
    expect(tables.load(everyShare).watermarks).toEqual([{ partition: 0, position: 1 }])
    tables.settle({ ...nothingSettled, attempts: [attempt(2)] }, everyShare)
    database.exec('PRAGMA max_page_count = 100000')
    tables.settle(large, everyShare)
    expect(days()).toEqual(['attempts_20260110', 'attempts_20260111'])
    expect(tables.attemptsOf({ subscription: 1, partition: 0, position: 50 })).toHaveLength(1)
  })

  it('find every page and every due row by an index', () => {
    tables.settle({ ...nothingSettled, attempts: many(10) }, everyShare)
    const plans: string[] = []
    const prepare = database.prepare.bind(database)
    database.prepare = (sql: string) => {
      if (sql.trimStart().startsWith('SELECT')) {
        const parameters = Array.from(sql.matchAll(/\?/g), () => 1)
        const rows = prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)
        plans.push(...rows.map((row) => String(row.detail)))
      }
      return prepare(sql)
    }
    const fresh = new DeliveryTables(database)
    // Reads once which days there are.
    fresh.attemptsOf({ subscription: 1, partition: 0, position: 1 })
    plans.length = 0
    fresh.list({ subscriptions: [1], statuses: null, limit: 5, cursor: null })
    fresh.list({ subscriptions: null, statuses: null, limit: 5, cursor: null })
    fresh.find({ subscription: 1, partition: 0, position: 1 })
    fresh.due({ shares: everyShare, nowMs: startMs, limit: 5, excluding: new Set([1]) })
    fresh.nextDueMs({ shares: everyShare, excluding: new Set([1]) })
    expect(plans.length).toBeGreaterThan(5)
    expect(
      plans.filter((detail) => /SCAN (?!outstanding USING (COVERING )?INDEX outstanding_due)|TEMP B-TREE/.test(detail)),
    ).toEqual([])
  })
})

describe('the state on disk', () => {
  it('goes on forgetting a subscription after a stop', async () => {
    const database = openDatabase({ file: join(directory, 'delivery.db'), migrations: deliveryMigrations })
    const tables = new DeliveryTables(database)
    tables.settle({ ...nothingSettled, attempts: [...many(12_000), attempt(1, { subscription: 2 })] }, everyShare)
    tables.startForgetting(1)
    tables.forgetSome(1)
    database.close()
    const state = await openSqliteState({ directory })
    const count = async (subscription: number) =>
      (await state.delivery.list({ subscriptions: [subscription], statuses: null, limit: 20_000, cursor: null })).rows
        .length
    let left = await count(1)
    for (let tries = 0; left > 0 && tries < 10_000; tries++) left = await count(1)
    expect([left, await count(2)]).toEqual([0, 1])
    await state.close()
  })

  it('is backed up while it is written, as it was at one moment', async () => {
    const state = await openSqliteState({ directory: join(directory, 'data') })
    await state.registry.commit([{ kind: 'eventType', id: 'a.b', value: { type: 'a.b', definition: {} } }])
    const settle = (n: number) =>
      state.delivery.settle(
        {
          ...nothingSettled,
          attempts: [attempt(n, { body: 'x'.repeat(16_000) })],
          watermarks: [{ partition: 0, position: n }],
        },
        soleLease,
      )
    for (let n = 1; n <= 200; n++) await settle(n)
    let isDone = false
    const backup = state.backupTo(join(directory, 'copy')).finally(() => {
      isDone = true
    })
    let written = 200
    while (!isDone) await settle(++written)
    await backup
    const copy = await openSqliteState({ directory: join(directory, 'copy') })
    const [watermark] = (await copy.delivery.load(everyShare)).watermarks
    const { rows } = await copy.delivery.list({ subscriptions: [1], statuses: null, limit: 100_000, cursor: null })
    expect(watermark!.position).toBeGreaterThanOrEqual(200)
    expect(rows).toHaveLength(watermark!.position)
    expect((await copy.registry.changesAfter(0, 10)).records).toHaveLength(1)
    await copy.close()
    await state.close()
    await expect(state.backupTo(join(directory, 'late'))).rejects.toMatchObject({ code: 'shutting_down' })
  })

  it('is backed up again and again, whatever is being written as a copy begins', async () => {
    const state = await openSqliteState({ directory: join(directory, 'data') })
    let isDone = false
    const writing = (async () => {
      for (let n = 1; !isDone; n++)
        await state.delivery.settle({ ...nothingSettled, attempts: [attempt(n)] }, soleLease)
    })()
    for (let copies = 0; copies < 40; copies++) await state.backupTo(join(directory, 'copy'))
    isDone = true
    await writing
    await state.close()
    await (await openSqliteState({ directory: join(directory, 'copy') })).close()
  })

  it('belongs to one server at a time', async () => {
    const state = await openSqliteState({ directory })
    const second = openSqliteState({ directory, lockTimeoutMs: 0 })
    await expect(second).rejects.toMatchObject({ code: 'unsafe_store', message: expect.stringMatching(/in use/) })
    await state.close()
    await (await openSqliteState({ directory })).close()
  })
})
