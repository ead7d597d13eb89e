import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StoredEvent } from '../../packages/server/src/core/event/event.ts'
import { openSqliteLog, type SqliteLog } from '../../packages/server/src/engines/sqlite/log.ts'

export interface Acknowledged {
  readonly position: number
  readonly id: string
}

export interface Said {
  /** What had been said when the interruption began. */
  readonly before: readonly Acknowledged[]
  /** That, and what was said until the publisher was dead. */
  readonly all: readonly Acknowledged[]
}

/** Runs `publisher.ts` until so many events are acknowledged, interrupts it, and gives what it said. */
export async function publishUntil(given: {
  readonly directory: string
  readonly synchronous: 'FULL' | 'NORMAL'
  readonly acknowledged: number
  readonly interrupt: (publisher: ChildProcess) => void
}): Promise<Said> {
  const script = fileURLToPath(new URL('./publisher.ts', import.meta.url))
  const publisher = spawn(process.execPath, [script, given.directory, given.synchronous], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  publisher.stderr.on('data', (chunk) => (errors += chunk))
  const closed = once(publisher, 'close')
  let said = ''
  let lines = 0
  let before: string | undefined
  for await (const chunk of publisher.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    said += chunk
    lines += chunk.split('\n').length - 1
    if (before !== undefined || lines <= given.acknowledged) continue
    before = said
    given.interrupt(publisher)
    publisher.kill('SIGKILL')
  }
  await closed
  if (before === undefined) throw new Error(`the publisher ended by itself: ${errors}`)
  return { before: acknowledgedIn(before), all: acknowledgedIn(said) }
}

function acknowledgedIn(said: string): Acknowledged[] {
  const whole = said.slice(0, said.lastIndexOf('\n')).split('\n').slice(1)
  return whole.map((line) => ({ position: Number(line.split(' ')[0]), id: line.split(' ')[1]! }))
}

/** The acknowledged events that are not in the log at their place, or not readable. */
export async function missingFrom(directory: string, acknowledged: readonly Acknowledged[]): Promise<Acknowledged[]> {
  const log = await openSqliteLog({ directory })
  try {
    const stored = new Map((await readAll(log)).map((event) => [event.position, event]))
    return acknowledged.filter(({ position, id }) => stored.get(position)?.entityKey !== id)
  } finally {
    await log.close()
  }
}

async function readAll(log: SqliteLog): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for (let after = 0; after < log.bounds(0).latest; ) {
    const slice = await log.read({ partition: 0, after, maxBytes: 1e6, maxEvents: 10_000 })
    events.push(...slice.events)
    after = slice.next
  }
  return events
}
