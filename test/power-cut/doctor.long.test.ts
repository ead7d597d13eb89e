import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { closedUrl, tidings } from '../../packages/server/src/cli/fixtures/cli.ts'
import { obstacle, Volume } from './volume.ts'

const reason = obstacle()
const isRun = reason === undefined || process.env.CI === 'true'
const mib = 1024 * 1024

async function findings(data: string) {
  const { stdout, code } = await tidings(['doctor', '--data', data, '--url', await closedUrl(), '--json'])
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; detail: string }[] }
  return { code, of: (name: string) => checks.find((check) => check.name === name) }
}

function fill(file: string, bytes: number): void {
  const descriptor = openSync(file, 'a')
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(bytes))
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' })
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

test.runIf(isRun)(
  'doctor says of a disk that it fills up, that it is full, and that nobody may write to it',
  async () => {
    const volume = new Volume(600)
    try {
      const data = join(volume.path, 'data')
      mkdirSync(data, { mode: 0o700 })
      expect((await findings(data)).of('disk')).toMatchObject({
        status: 'warn',
        detail: expect.stringMatching(/^\d{3} MiB free/),
        why: expect.stringContaining('Publishing is refused when the disk is full'),
        advice: expect.stringContaining('du -xh'),
      })

      const ballast = join(volume.path, 'ballast')
      // Down to the last page: what the file system kept back for itself is free again after a sync.
      for (const bytes of [mib, 4_096, 4_096]) fill(ballast, bytes)
      const full = await findings(data)
      expect(full.code).toBe(1)
      expect(full.of('disk')).toMatchObject({ status: 'fail', detail: expect.stringMatching(/^0 MiB free \(0 %\)/) })
      expect(full.of('disk sync')).toMatchObject({
        status: 'fail',
        detail: expect.stringContaining('ENOSPC'),
        why: expect.stringContaining('publishing is refused'),
      })
      rmSync(ballast)

      volume.makeReadOnly()
      expect((await findings(data)).of('data directory')).toMatchObject({
        status: 'fail',
        detail: expect.stringContaining('cannot write'),
        advice: expect.stringContaining('remount,rw'),
      })
    } finally {
      volume.remove()
    }
  },
)
