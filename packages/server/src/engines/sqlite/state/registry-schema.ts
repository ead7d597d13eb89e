/** See docs/decisions/0003-registry-as-documents.md. `value` is JSON text, null in a tombstone. */
export const registryMigrations: readonly string[] = [
  `
  CREATE TABLE records (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    unique_key TEXT,
    value TEXT,
    changed_at_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX records_revision ON records (revision, kind, id);
  CREATE UNIQUE INDEX records_unique ON records (kind, unique_key) WHERE value IS NOT NULL AND unique_key IS NOT NULL;
  CREATE INDEX records_tombstones ON records (changed_at_ms) WHERE value IS NULL;

  CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO numbers VALUES ('revision', 0), ('subscription', 0);
  `,
  // Entries as JSON text; what goes by age or number goes from the lowest number up.
  `
  CREATE TABLE audit (number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, entry TEXT NOT NULL) STRICT;
  `,
]
