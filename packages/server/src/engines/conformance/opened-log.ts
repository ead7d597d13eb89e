import { afterEach, beforeEach } from 'vitest'
import { ManualClock } from '../../core/time/clock.ts'
import type { EventLog } from '../../log/event-log.ts'
import type { LogEngine } from './log-engine.ts'

export interface OpenedLog {
  clock: ManualClock
  log: EventLog
}

/** Gives each test of a suite a log of its own, which is closed after it. */
export function openedLog(engine: LogEngine): OpenedLog {
  const given = {} as OpenedLog
  beforeEach(async () => {
    given.clock = new ManualClock()
    given.log = await engine.open({ clock: given.clock })
  })
  afterEach(() => given.log.close())
  return given
}
