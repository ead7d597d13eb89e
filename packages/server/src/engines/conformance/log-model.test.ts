import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { MemoryLog } from '../memory/log.ts'
import { openSqliteLog } from '../sqlite/log.ts'
import { describeLogModel } from './log-model.ts'

const root = mkdtempSync(join(tmpdir(), 'tidings-log-model-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let directory = root
for (const [name, sizes] of Object.entries({
  'sqlite from memory': {},
  'sqlite from disk': { tailBytes: 0, idRunSize: 4 },
  'sqlite from both': { tailBytes: 2_000, idRunSize: 20 },
})) {
  describeLogModel(name, {
    model: (options) => new MemoryLog(options),
    runs: 12,
    engine: {
      open: ({ clock }) => {
        directory = mkdtempSync(join(root, 'log-'))
        return openSqliteLog({ directory, clock, ...sizes })
      },
      reopen: async (log, { clock }) => {
        await log.close()
        return openSqliteLog({ directory, clock, ...sizes })
      },
    },
  })
}
