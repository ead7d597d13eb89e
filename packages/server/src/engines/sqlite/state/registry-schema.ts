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
  // Every row has a checksum, and the records have a sum of theirs: a row that is missing is missed.
  `
  ALTER TABLE records ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE numbers ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE audit ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
  UPDATE records SET checksum = checksum(kind, id, revision, unique_key, value, changed_at_ms);
  UPDATE audit SET checksum = checksum(number, at_ms, entry);
  INSERT INTO numbers (name, value) VALUES
    ('records', (SELECT total(checksum) FROM records)), ('changes', 0), ('audit', (SELECT coalesce(max(number), 0) FROM audit));
  UPDATE numbers SET checksum = checksum(name, value);

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
  `,
]
