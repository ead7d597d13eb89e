import type { Migration } from '../../packages/server/src/engines/sqlite/file/migration.ts'
import { logMigrations } from '../../packages/server/src/engines/sqlite/log/log-database.ts'
import { deliveryMigrations } from '../../packages/server/src/engines/sqlite/state/delivery-schema.ts'
import { registryMigrations } from '../../packages/server/src/engines/sqlite/state/registry-schema.ts'

/** In every database that has reached the next format. */
export const nextTable = 'next_format'
export const nextRows = 64

/** Takes many writes, and cannot be done twice. */
const toNext: Migration = (database) =>
  database.exec(`
    CREATE TABLE ${nextTable} (number INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT;
    INSERT INTO ${nextTable}
      WITH RECURSIVE numbers (number) AS (VALUES (1) UNION ALL SELECT number + 1 FROM numbers WHERE number < ${nextRows})
      SELECT number, zeroblob(1000) FROM numbers;
  `)

// Loaded into a server before its own code, in each of its threads: it knows one format more than this version.
for (const steps of [logMigrations, registryMigrations, deliveryMigrations]) (steps as Migration[]).push(toNext)
