import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from './compose.ts'
import { readConfig } from './config.ts'
import { type Clock, systemClock } from './core/clock.ts'

test('a start that fails closes what it opened: the same data can be used again', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tidings-compose-'))
  const config = readConfig({
    flags: { port: '0', data, adminKey: 'operator-of-this-test', logLevel: 'silent' },
    env: {},
  })
  // The data path's first timer is one of the last steps.
  const broken: Clock = {
    now: () => Date.now(),
    schedule() {
      throw new Error('there are no timers')
    },
  }
  try {
    await expect(startServer(config, { clock: broken })).rejects.toThrow('there are no timers')
    const server = await startServer(config, { clock: systemClock })
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    await server.close()
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})
