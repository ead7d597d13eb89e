import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { openForReading } from './database.ts'
import { Facts } from './facts.ts'
import { refusalOf } from './refusal.ts'
import { loadTopics } from './topic-names.ts'

/** A thread of its own for one copy, so that it delays neither commits nor replays. */
/** What a log takes in 14 days at 3,500 events a second. */
const positionsAhead = 2 ** 32

const { directory, file } = workerData as { readonly directory: string; readonly file: string }

try {
  copy()
  parentPort!.postMessage(null)
} catch (error) {
  parentPort!.postMessage(refusalOf(error))
}

/** The copy gets its name when it is complete and on disk. */
function copy(): void {
  const partial = `${file}.partial`
  rmSync(partial, { force: true })
  const db = openForReading(directory)
  try {
    // It writes to the copy alone, but counts as writing.
    db.exec('PRAGMA query_only = OFF')
    db.prepare('VACUUM INTO ?').run(partial)
  } finally {
    db.close()
  }
  raiseFloor(partial)
  sync(partial)
  renameSync(partial, file)
  sync(dirname(file))
}

/**
 * The log goes on after it was copied. If the copy is put in its place one day, it must not give the
 * positions of what is lost to other events: readers hold offsets of them, and receivers know
 * delivery ids made of them. So the copy goes on far above.
 */
function raiseFloor(file: string): void {
  const db = new DatabaseSync(file)
  try {
    const facts = new Facts(db)
    const lasts = [...loadTopics(db).values()].map((topic) => facts.get(`last:${topic}`))
    facts.set('floor', Math.max(facts.get('floor'), facts.get('earliest'), ...lasts) + positionsAhead)
  } finally {
    db.close()
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
