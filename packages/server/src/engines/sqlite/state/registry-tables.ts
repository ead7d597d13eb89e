import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { jsonText } from '../../../core/json/json-text.ts'
import type { RegistryCommit, RegistryWrite } from '../../../registry/registry-store.ts'
import { damaged } from '../file/damage.ts'
import { inTransaction } from '../file/transaction.ts'

/** Records as they cross the thread: columns, and values as JSON text that the reader parses. */
export interface RecordColumns {
  readonly revision: number
  readonly kinds: string[]
  readonly ids: string[]
  readonly revisions: number[]
  readonly values: (string | null)[]
}

type Row = [kind: string, id: string, revision: number, value: string | null]

const numberNames = ['revision', 'subscription', 'records', 'changes', 'audit']

/** Nodes that slept longer than this start with a fresh load. */
const tombstoneMs = 7 * 24 * 3_600_000
const commitsBetweenPrunings = 1_000

class Refused extends Error {
  readonly commit: RegistryCommit
  constructor(commit: RegistryCommit) {
    super('refused')
    this.commit = commit
  }
}

/** The registry's statements. Synchronous: it lives in the worker thread. */
export class RegistryTables {
  readonly #database: DatabaseSync
  readonly #current: StatementSync
  readonly #holder: StatementSync
  readonly #put: StatementSync
  readonly #next: StatementSync
  readonly #number: StatementSync
  readonly #live: StatementSync
  readonly #changed: StatementSync
  readonly #prune: StatementSync
  #commits = 0

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#current = database.prepare('SELECT revision FROM records WHERE kind = ? AND id = ? AND value IS NOT NULL')
    this.#holder = database.prepare(
      'SELECT id FROM records WHERE kind = ? AND unique_key = ? AND value IS NOT NULL AND id <> ?',
    )
    this.#put = database.prepare(`
      INSERT INTO records (kind, id, revision, unique_key, value, changed_at_ms, checksum)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, checksum(?1, ?2, ?3, ?4, ?5, ?6))
      ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, unique_key = excluded.unique_key,
        value = excluded.value, changed_at_ms = excluded.changed_at_ms, checksum = excluded.checksum`)
    this.#next = database.prepare('UPDATE numbers SET value = value + 1 WHERE name = ? RETURNING value')
    this.#number = database.prepare('SELECT value FROM numbers WHERE name = ?')
    const columns = 'SELECT kind, id, revision, value FROM records'
    // In the order of the table, and sorted afterwards: half the time of going through the index by revision.
    this.#live = database.prepare(`${columns} WHERE value IS NOT NULL ORDER BY kind, id`)
    this.#live.setReturnArrays(true)
    this.#changed = database.prepare(`${columns} WHERE revision > ? ORDER BY revision, kind, id`)
    this.#changed.setReturnArrays(true)
    this.#prune = database.prepare('DELETE FROM records WHERE value IS NULL AND changed_at_ms < ?')
    this.#verify()
  }

  /** Grows with every change of the registry's database. */
  get changes(): number {
    return Number(this.#number.get('changes')!.value)
  }

  /** Everything is read into memory at the start anyway; so it is also compared with what it should be. */
  #verify(): void {
    const numbers = this.#database.prepare('SELECT name, checksum IS checksum(name, value) AS is_intact FROM numbers')
    const intact = numbers.all().filter((row) => row.is_intact === 1)
    if (intact.length !== numberNames.length || intact.some(({ name }) => !numberNames.includes(String(name)))) {
      throw damaged('what the registry says of itself')
    }
    const row = this.#database
      .prepare(
        `SELECT total(checksum) AS sum, max(revision) AS revision, total(checksum IS NOT
           checksum(kind, id, revision, unique_key, value, changed_at_ms)) AS damaged FROM records`,
      )
      .get()!
    const isWhole = row.damaged === 0 && row.sum === this.#number.get('records')!.value
    if (!isWhole || Number(row.revision) > Number(this.#number.get('revision')!.value)) throw damaged('the registry')
  }

  commit(writes: readonly RegistryWrite[], nowMs: number): RegistryCommit {
    try {
      return inTransaction(this.#database, () => {
        const revision = Number(this.#next.get('revision')!.value)
        writes.forEach((write, index) => {
          this.#write(write, index, revision, nowMs)
        })
        if (this.#commits++ % commitsBetweenPrunings === 0) this.#prune.run(nowMs - tombstoneMs)
        return { kind: 'committed', revision }
      })
    } catch (error) {
      if (error instanceof Refused) return error.commit
      throw error
    }
  }

  #write(write: RegistryWrite, index: number, revision: number, nowMs: number): void {
    const current = Number(this.#current.get(write.kind, write.id)?.revision ?? 0)
    if (write.ifRevision !== undefined && write.ifRevision !== current) {
      throw new Refused({ kind: 'refused', index, reason: 'revision' })
    }
    if (write.value === null) {
      if (current !== 0) this.#put.run(write.kind, write.id, revision, null, null, nowMs)
      return
    }
    const uniqueKey = write.uniqueKey ?? null
    if (uniqueKey !== null && this.#holder.get(write.kind, uniqueKey, write.id)) {
      throw new Refused({ kind: 'refused', index, reason: 'unique' })
    }
    this.#put.run(write.kind, write.id, revision, uniqueKey, jsonText(write.value), nowMs)
  }

  changesAfter(revision: number): RecordColumns {
    const rows = (revision === 0 ? this.#live.all() : this.#changed.all(revision)) as unknown as Row[]
    if (revision === 0) rows.sort((a, b) => a[2] - b[2])
    return {
      revision: Number(this.#number.get('revision')!.value),
      kinds: rows.map((row) => row[0]),
      ids: rows.map((row) => row[1]),
      revisions: rows.map((row) => row[2]),
      values: rows.map((row) => row[3]),
    }
  }

  nextNumber(): number {
    return Number(inTransaction(this.#database, () => this.#next.get('subscription'))!.value)
  }
}
