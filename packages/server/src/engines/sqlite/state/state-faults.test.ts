import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AttemptRecord } from '../../../core/delivery/attempt-record.ts'
import { noTiming } from '../../../core/delivery/attempt-timing.ts'
import { soleLease } from '../../../core/delivery/lease.ts'
import { nothingSettled } from '../../../deliver/settling/settling-store.ts'
import { openSqliteState } from './state.ts'

const attempt = (position: number): AttemptRecord => ({
  ...{ subscription: 1, partition: 0, position, sequence: position, attempt: 1, atMs: 1_000 + position },
  ...{
    durationMs: 12,
    timing: noTiming,
    answerHeaders: null,
    outcome: 'delivered',
    status: 204,
    error: null,
    body: 'x'.repeat(500),
  },
  ...{ topic: 'invoices', type: 'invoice.updated', tenantId: 7, entityKey: String(position) },
})
const pageBytes = 4_096

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidings-state-faults-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a disk that gave wrong pages for a while is believed again, by the same thread', async () => {
  const state = await openSqliteState({ directory })
  await state.delivery.settle(
    { ...nothingSettled, attempts: Array.from({ length: 500 }, (_, position) => attempt(position)) },
    soleLease,
  )
  await state.close()
  const file = join(directory, 'delivery.db')
  const whole = readFileSync(file)
  const again = await openSqliteState({ directory })
  try {
    const wrong = Buffer.from(whole)
    for (let page = pageBytes; page < wrong.length; page += pageBytes) wrong.fill(0xff, page, page + 16)
    writeFileSync(file, wrong)
    const key = { subscription: 1, partition: 0, position: 300 }
    await expect(again.delivery.attemptsOf(key)).rejects.toMatchObject({ code: 'storage_unavailable' })
    writeFileSync(file, whole)
    expect(await again.delivery.attemptsOf(key)).toEqual([attempt(300)])
    await again.delivery.settle({ ...nothingSettled, attempts: [attempt(1_000)] }, soleLease)
    expect(await again.delivery.attemptsOf({ ...key, position: 1_000 })).toEqual([attempt(1_000)])
  } finally {
    await again.close()
  }
})

test.each(['delivery', 'registry'])('the newest part of %s that is damaged after a crash is missed', async (name) => {
  const data = join(directory, 'data')
  const state = await openSqliteState({ directory: data })
  const copy = join(directory, 'copy')
  try {
    for (const position of [1, 2, 3]) {
      await state.delivery.settle({ ...nothingSettled, watermarks: [{ partition: 0, position }] }, soleLease)
      await state.registry.nextNumber()
    }
    cpSync(data, copy, { recursive: true })
    await (await openSqliteState({ directory: copy })).close()
    rmSync(copy, { recursive: true })
    cpSync(data, copy, { recursive: true })
  } finally {
    await state.close()
  }
  const file = join(copy, `${name}.db-wal`)
  truncateSync(file, statSync(file).size - 1)
  await expect(openSqliteState({ directory: copy })).rejects.toMatchObject({
    message: expect.stringContaining(`${name}.db-wal`),
  })
})
