import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { raiseFloor } from './floor.ts'
import { openForReading } from './log-database.ts'
import { refusalOf } from './refusal.ts'

/** A thread of its own for one copy, so that it delays neither commits nor replays. */
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

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
