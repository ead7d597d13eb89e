import type { Migration } from '../file/migration.ts'

/** The tables of which every row counts, and their columns. */
export const verifiedTables = {
  outstanding: [
    ...['subscription', 'partition', 'position', 'status', 'time_ms', 'last_attempt_at_ms', 'first_attempt_at_ms'],
    ...['attempts', 'sequence', 'topic', 'type', 'tenant_id', 'entity_key'],
  ],
  watermarks: ['partition', 'positions'],
  progress: ['subscription', 'partition', 'is_own', 'position', 'sequence', 'catch_up', 'skipped'],
  forgetting: ['subscription'],
} as const

/** Tenant ids may have more digits than a double keeps. */
export function rowChecksumSql(columns: readonly string[], row: string): string {
  const values = columns.map((column) =>
    column === 'tenant_id' ? `CAST(${row}.${column} AS TEXT)` : `${row}.${column}`,
  )
  return `checksum(${values.join(', ')})`
}

/**
 * Of each verified table the sum of its rows' checksums, kept by triggers: a row that was changed on
 * disk, or is missing there, is noticed at the next start. `OR REPLACE` would pass the triggers by.
 */
function verifiedSchema(): string {
  const tables = Object.entries(verifiedTables).map(([table, columns]) => {
    const checksum = (row: string) => rowChecksumSql(columns, row)
    const add = (change: string) => `UPDATE sums SET value = value + ${change} WHERE name = '${table}';`
    return `
      INSERT INTO sums (name, value) VALUES ('${table}', 0);
      CREATE TRIGGER ${table}_inserted AFTER INSERT ON ${table} BEGIN ${add(checksum('new'))} END;
      CREATE TRIGGER ${table}_updated AFTER UPDATE ON ${table} BEGIN
        ${add(`${checksum('new')} - ${checksum('old')}`)}
      END;
      CREATE TRIGGER ${table}_deleted AFTER DELETE ON ${table} BEGIN ${add(`- ${checksum('old')}`)} END;`
  })
  return `CREATE TABLE sums (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID; ${tables.join('')}`
}

/**
 * `outstanding` holds what waits or has ended without success; a delivered one has its attempts only.
 * `status` is the index in `deliveryStatuses`. `time_ms` is what lists and scans go by: when a
 * waiting delivery falls due, when an ended one was last attempted.
 *
 * `watermarks.positions` is a JSON array with the watermark of each share; 0: nobody has settled for it.
 */
const tables = `
  CREATE TABLE outstanding (
    subscription INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    position INTEGER NOT NULL,
    status INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    last_attempt_at_ms INTEGER,
    first_attempt_at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    sequence INTEGER,
    topic TEXT NOT NULL,
    type TEXT NOT NULL,
    tenant_id INTEGER NOT NULL,
    entity_key TEXT NOT NULL,
    PRIMARY KEY (subscription, partition, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outstanding_by_time ON outstanding (status, subscription, time_ms, partition, position);
  CREATE INDEX outstanding_due ON outstanding (time_ms, subscription, partition, position) WHERE status = 0;
  CREATE INDEX outstanding_ended ON outstanding (status, time_ms, subscription, partition, position) WHERE status <> 0;

  CREATE TABLE watermarks (partition INTEGER PRIMARY KEY, positions TEXT NOT NULL) STRICT;
  CREATE TABLE progress (
    subscription INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    is_own INTEGER NOT NULL,
    position INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    catch_up TEXT,
    skipped TEXT NOT NULL,
    PRIMARY KEY (subscription, partition)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE forgetting (subscription INTEGER PRIMARY KEY) STRICT;

  CREATE TABLE series_minutes (
    at INTEGER NOT NULL,
    scope TEXT NOT NULL,
    counts TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (at, scope)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE series_hours (
    at INTEGER NOT NULL,
    scope TEXT NOT NULL,
    counts TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (at, scope)
  ) STRICT, WITHOUT ROWID;
`

export const deliveryMigrations: readonly Migration[] = [(database) => database.exec(tables + verifiedSchema())]

/** One table per UTC day of `at_ms`, so that retention drops whole tables. */
export function attemptDaySchema(table: string): string {
  return `
    CREATE TABLE ${table} (
      subscription INTEGER NOT NULL,
      partition INTEGER NOT NULL,
      position INTEGER NOT NULL,
      at_ms INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      outcome INTEGER NOT NULL,
      duration_ms INTEGER NOT NULL,
      dns_ms INTEGER,
      connect_ms INTEGER,
      tls_ms INTEGER,
      first_byte_ms INTEGER,
      status INTEGER,
      error TEXT,
      body TEXT,
      answer_headers TEXT,
      sequence INTEGER,
      topic TEXT NOT NULL,
      type TEXT NOT NULL,
      tenant_id INTEGER NOT NULL,
      entity_key TEXT NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (subscription, partition, position, at_ms, attempt)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ${table}_delivered ON ${table} (subscription, at_ms, partition, position) WHERE outcome = 1;
    CREATE INDEX ${table}_newest ON ${table} (at_ms, subscription, partition, position) WHERE outcome = 1;
  `
}
