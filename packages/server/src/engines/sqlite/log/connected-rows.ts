import type { DatabaseSync } from 'node:sqlite'
import { openForReading } from './log-database.ts'
import { LogRows } from './rows.ts'

/** The log's rows by a connection that is opened with the first question. */
export class ConnectedRows {
  readonly #directory: string
  #open: { readonly db: DatabaseSync; readonly rows: LogRows } | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  /** @throws what the disk refused it with */
  ask<T>(question: (rows: LogRows) => T): T {
    try {
      return question(this.#opened())
    } catch (error) {
      // The next question is asked of the disk anew: this connection may have in memory what was read wrongly,
      // and its statements say again what they failed with. The writer's connection keeps the log as it is.
      this.close()
      throw error
    }
  }

  close(): void {
    const { db } = this.#open ?? {}
    this.#open = undefined
    db?.close()
  }

  #opened(): LogRows {
    if (!this.#open) {
      const db = openForReading(this.#directory)
      try {
        this.#open = { db, rows: new LogRows(db) }
      } catch (error) {
        db.close()
        throw error
      }
    }
    return this.#open.rows
  }
}
