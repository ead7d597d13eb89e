import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { missingFrom, publishUntil } from './interrupted-publisher.ts'

test('kill -9 in the middle of publishing, again and again, loses no acknowledged event', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-kill-'))
  try {
    const acknowledged = []
    for (const count of [10, 400, 2_000, 1_100]) {
      const { all } = await publishUntil({
        directory,
        synchronous: 'FULL',
        acknowledged: count,
        interrupt: (publisher) => publisher.kill('SIGKILL'),
      })
      acknowledged.push(...all)
      expect(await missingFrom(directory, acknowledged)).toEqual([])
    }
    // A position belongs to one event, also across restarts.
    expect(new Set(acknowledged.map(({ position }) => position)).size).toBe(acknowledged.length)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
