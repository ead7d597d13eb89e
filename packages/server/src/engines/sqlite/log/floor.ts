import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openForWriting } from './log-database.ts'
import { LogFacts } from './log-facts.ts'
import { loadTopics } from './topic-names.ts'

/** The number of events that a log takes in during 14 days at 3,500 events a second. */
const positionsAhead = 2 ** 32

/**
 * The log goes on after it was copied. If the copy is put in its place one day, it must not give the
 * positions of what is lost to other events: readers hold offsets of them, and receivers know
 * delivery ids made of them. So the copy goes on far above.
 */
export function raiseFloor(file: string): void {
  const db = new DatabaseSync(file)
  try {
    const facts = new LogFacts(db)
    const lasts = [...loadTopics(db).values()].map((topic) => facts.get(`last:${topic}`))
    facts.set('floor', Math.max(facts.get('floor'), facts.get('earliest'), ...lasts) + positionsAhead)
  } finally {
    db.close()
  }
}

/** No log takes more. */
const positionsPerMs = 100
/** No log is older. */
const firstLogMs = Date.UTC(2026, 0, 1)

/**
 * One backup may be restored twice. What the log of the first time has given since, that of the second
 * must not give to other events, so it goes on the further above the later it is restored.
 */
export function raiseFloorTo(file: string, nowMs: number): void {
  const db = new DatabaseSync(file)
  try {
    const facts = new LogFacts(db)
    const sinceMs = Math.max(firstLogMs, facts.get('appended_at'))
    facts.set('floor', facts.get('floor') + Math.max(0, nowMs - sinceMs) * positionsPerMs)
  } finally {
    db.close()
  }
}

/** Makes the copy of a log that was not in use one that may be put in its place. @param directory of the copy */
export function finishLogCopy(directory: string): void {
  // It may be of an older format.
  openForWriting(directory, 'FULL').close()
  raiseFloor(join(directory, 'log.db'))
}
