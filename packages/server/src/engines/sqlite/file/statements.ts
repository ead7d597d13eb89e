import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Prepared statements by their text. */
export class Statements {
  readonly #database: DatabaseSync
  readonly #bySql = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get(sql: string): StatementSync {
    let statement = this.#bySql.get(sql)
    if (!statement) {
      statement = this.#database.prepare(sql)
      this.#bySql.set(sql, statement)
    }
    return statement
  }

  /** Statements over a dropped table have to go with it. */
  clear(): void {
    this.#bySql.clear()
  }
}
