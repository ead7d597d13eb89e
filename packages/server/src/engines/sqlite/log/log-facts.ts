import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { damaged } from '../file/damage.ts'

/**
 * What the log knows about itself, a number a row:
 *
 *   epoch          see `EventLog.epoch`
 *   earliest       the position before the first that is kept
 *   floor          positions up to here are not given again, though no row may say so
 *   appended_at    the least that the next append's time may be
 *   topics         how many topics there are, numbered from 1
 *   last:<topic>   the topic's last position, dropped or not
 *   pending        ids in `pending_ids`
 *   runs           rows of `id_runs`
 *
 * They are the other half of what the rows of the log say, so that a row that disk damage made
 * disappear is missed. Each has a checksum over its name too.
 */
export type Fact = 'epoch' | 'earliest' | 'floor' | 'appended_at' | 'topics' | 'pending' | 'runs' | `last:${number}`

export class LogFacts {
  readonly #get: StatementSync
  readonly #set: StatementSync

  constructor(db: DatabaseSync) {
    this.#get = db.prepare('SELECT value, checksum FROM meta WHERE key = ?')
    this.#set = db.prepare(
      `INSERT INTO meta (key, value, checksum) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, checksum = excluded.checksum`,
    )
  }

  /** @throws AppError `storage_unavailable` when it is missing or was changed on disk */
  get(key: Fact): number {
    const row = this.#get.get(key) as { value: number; checksum: number } | undefined
    if (row?.checksum !== factChecksum(key, row?.value ?? 0)) throw damaged(`what the log says of itself (${key})`)
    return row.value
  }

  set(key: Fact, value: number): void {
    this.#set.run(key, value, factChecksum(key, value))
  }
}

function factChecksum(key: string, value: number): number {
  return crc32(`${key} ${value}`)
}
