import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { EventLog, LogReading } from '../../log/event-log.ts'
import { describeEventLog } from '../conformance/log.ts'
import type { LogEngine } from '../conformance/log-engine.ts'
import { AttachedLog } from './log/attached-log.ts'
import { openSqliteLog, type SqliteLog } from './log.ts'

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

/** Everything that is read is read as another thread reads it. */
function attached(): LogEngine {
  const { open, reopen } = engine({})
  const attach = (log: EventLog): EventLog => {
    const owner = log as SqliteLog
    const reading = new AttachedLog(owner.connect())
    return new Proxy(owner, {
      get(target, name: keyof EventLog) {
        if (name === 'close') {
          return () => {
            reading.close()
            return target.close()
          }
        }
        const from = name in reading ? reading : target
        const value = from[name as keyof LogReading]
        return typeof value === 'function' ? value.bind(from as never) : value
      },
    })
  }
  return {
    open: async (options) => attach(await open(options)),
    reopen: async (log, options) => attach(await reopen!(log, options)),
  }
}

describeEventLog('sqlite', engine({}))
describeEventLog('sqlite, from another thread', attached())
describeEventLog('sqlite, from disk', engine({ tailBytes: 0, idRunSize: 100 }))
