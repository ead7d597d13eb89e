import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newEvents } from '../../packages/server/src/engines/conformance/events.ts'
import { readAll } from '../../packages/server/src/engines/conformance/log-calls.ts'
import { openSqliteLog } from '../../packages/server/src/engines/sqlite/log.ts'
import { obstacle, Volume } from './volume.ts'

const reason = obstacle()
const isRun = reason === undefined || process.env.CI === 'true'

test.runIf(isRun)(
  'a full disk refuses what it cannot keep, serves what it has, and needs no restart after',
  async () => {
    const volume = new Volume()
    const log = await openSqliteLog({ directory: join(volume.path, 'data'), tailBytes: 0 })
    try {
      await log.append(newEvents(100))
      const before = await readAll(log)
      const ballast = join(volume.path, 'ballast')
      expect(() => {
        for (let bytes = 1 << 20; ; ) writeFileSync(ballast, Buffer.alloc(bytes), { flag: 'a' })
      }).toThrow(/ENOSPC/)

      // More than may be left in files that exist: 100 calls at once, each with 256 KiB.
      const large = newEvents(1, () => ({ tail: 'x'.repeat(256 * 1024) }))
      const calls = await Promise.allSettled(Array.from({ length: 100 }, () => log.append(large)))
      const refused = calls.filter((call) => call.status === 'rejected')
      expect(refused.length).toBeGreaterThan(0)
      for (const { reason } of refused) {
        expect(reason).toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: expect.any(Number) })
      }
      const kept = 100 - refused.length
      const during = await readAll(log)
      expect(during.slice(0, 100)).toEqual(before)
      expect(during).toHaveLength(100 + kept)

      rmSync(ballast)
      const after = await log.append(large)
      expect(after).toMatchObject({ kind: 'appended', events: [{ position: 101 + kept }] })
      expect(await readAll(log)).toHaveLength(101 + kept)
    } finally {
      await log.close()
      volume.remove()
    }
  },
)
