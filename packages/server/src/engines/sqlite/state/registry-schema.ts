import type { Migration } from '../file/migration.ts'

/**
 * See docs/decisions/0003-registry-as-documents.md. A record's `value` is JSON text, null in a tombstone. Audit
 * entries are JSON text too; what goes by age or number goes from the lowest number up.
 *
 * Every row has a checksum, and the records have a sum of theirs: a row that is missing is noticed.
 */
const tables = `
  CREATE TABLE records (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    unique_key TEXT,
    value TEXT,
    changed_at_ms INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX records_revision ON records (revision, kind, id);
  CREATE UNIQUE INDEX records_unique ON records (kind, unique_key) WHERE value IS NOT NULL AND unique_key IS NOT NULL;
  CREATE INDEX records_tombstones ON records (changed_at_ms) WHERE value IS NULL;

  CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO numbers
    SELECT column1, 0, checksum(column1, 0)
    FROM (VALUES ('revision'), ('subscription'), ('records'), ('changes'), ('audit'));

  CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    entry TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;

  CREATE TRIGGER records_inserted AFTER INSERT ON records BEGIN
    UPDATE numbers SET value = value + new.checksum WHERE name = 'records';
  END;
  CREATE TRIGGER records_updated AFTER UPDATE ON records BEGIN
    UPDATE numbers SET value = value + new.checksum - old.checksum WHERE name = 'records';
  END;
  CREATE TRIGGER records_deleted AFTER DELETE ON records BEGIN
    UPDATE numbers SET value = value - old.checksum WHERE name = 'records';
  END;
  CREATE TRIGGER audit_inserted AFTER INSERT ON audit BEGIN
    UPDATE numbers SET value = new.number WHERE name = 'audit';
  END;
  CREATE TRIGGER numbers_updated AFTER UPDATE OF value ON numbers BEGIN
    UPDATE numbers SET checksum = checksum(name, value) WHERE name = new.name;
    UPDATE numbers SET value = value + 1, checksum = checksum('changes', value + 1) WHERE name = 'changes';
  END;
`

export const registryMigrations: readonly Migration[] = [(database) => database.exec(tables)]
