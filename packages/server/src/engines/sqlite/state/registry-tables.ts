import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { jsonText } from '../../../core/json/json-text.ts'
import type { RegistryCommit, RegistryWrite } from '../../../registry/registry-store.ts'
import { damaged } from '../file/damage.ts'
import { inTransaction } from '../file/transaction.ts'

/** Records as they cross the thread: columns, and values as JSON text that the reader parses. */
export interface RecordColumns {
  readonly revision: number
  readonly hasMore: boolean
  readonly kinds: string[]
  readonly ids: string[]
  readonly revisions: number[]
  readonly values: (string | null)[]
}

type RegistryRow = [kind: string, id: string, revision: number, value: string | null]

const numberNames = ['revision', 'subscription', 'records', 'changes', 'audit']

/** Nodes that slept longer than this start with a fresh load. */
const tombstoneMs = 7 * 24 * 3_600_000
const commitsBetweenPrunings = 1_000

class RefusedCommit extends Error {
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
  readonly #page: StatementSync
  readonly #commit: StatementSync
  readonly #later: StatementSync
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
    const changed = `SELECT kind, id, revision, value FROM records
      WHERE revision > :after AND (:after > 0 OR value IS NOT NULL)`
    this.#page = database.prepare(`${changed} ORDER BY revision, kind, id LIMIT :limit`)
    this.#page.setReturnArrays(true)
    this.#commit = database.prepare(`${changed} AND revision = :commit ORDER BY kind, id`)
    this.#commit.setReturnArrays(true)
    this.#later = database.prepare(`${changed} AND revision > :commit LIMIT 1`)
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
      if (error instanceof RefusedCommit) return error.commit
      throw error
    }
  }

  #write(write: RegistryWrite, index: number, revision: number, nowMs: number): void {
    const current = Number(this.#current.get(write.kind, write.id)?.revision ?? 0)
    if (write.ifRevision !== undefined && write.ifRevision !== current) {
      throw new RefusedCommit({ kind: 'refused', index, reason: 'revision' })
    }
    if (write.value === null) {
      if (current !== 0) this.#put.run(write.kind, write.id, revision, null, null, nowMs)
      return
    }
    const uniqueKey = write.uniqueKey ?? null
    if (uniqueKey !== null && this.#holder.get(write.kind, uniqueKey, write.id)) {
      throw new RefusedCommit({ kind: 'refused', index, reason: 'unique' })
    }
    this.#put.run(write.kind, write.id, revision, uniqueKey, jsonText(write.value), nowMs)
  }

  changesAfter(after: number, limit: number): RecordColumns {
    let rows = this.#page.all({ after, limit: limit + 1 }) as unknown as RegistryRow[]
    let revision = Number(this.#number.get('revision')!.value)
    let hasMore = rows.length > limit
    if (hasMore) {
      // Not in the middle of a commit: before it, or after it where the page would be empty otherwise.
      const commit = rows.at(-1)![2]
      rows = rows.filter((row) => row[2] < commit)
      if (rows.length === 0) {
        rows = this.#commit.all({ after, commit }) as unknown as RegistryRow[]
        hasMore = this.#later.get({ after, commit }) !== undefined
      }
      if (hasMore) revision = rows.at(-1)![2]
    }
    return {
      revision,
      hasMore,
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
