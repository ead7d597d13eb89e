import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describeEventLog } from '../conformance/log.ts'
import type { LogEngine } from '../conformance/log-engine.ts'
import { openSqliteLog } from './log.ts'

const root = mkdtempSync(join(tmpdir(), 'tidings-log-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** `tailBytes` 0: everything is read from disk. A small `idRunSize`: most ids are found in runs. */
function engine(sizes: { readonly tailBytes?: number; readonly idRunSize?: number }): LogEngine {
  let last = { directory: root }
  return {
    open: ({ clock }) => {
      last = { directory: mkdtempSync(join(root, 'log-')) }
      return openSqliteLog({ ...last, ...sizes, clock })
    },
    reopen: async (log, { clock }) => {
      await log.close()
      return openSqliteLog({ ...last, ...sizes, clock })
    },
  }
}

describeEventLog('sqlite', engine({}))
describeEventLog('sqlite, from disk', engine({ tailBytes: 0, idRunSize: 100 }))
