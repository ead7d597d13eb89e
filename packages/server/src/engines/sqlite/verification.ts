import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from './file/database.ts'
import { openingError } from './file/storage-error.ts'
import { Committer } from './log/committer.ts'
import { openForReading, openForWriting } from './log/log-database.ts'
import { LogRows } from './log/rows.ts'
import { deliveryMigrations, verifiedTables } from './state/delivery-schema.ts'
import { DeliveryTables } from './state/delivery-tables.ts'
import { registryMigrations } from './state/registry-schema.ts'
import { RegistryTables } from './state/registry-tables.ts'

/**
 * Goes through everything in a store that no server uses, as no start does. An older format is migrated.
 * @returns what is wrong, in words, by file
 */
export function damageIn(directory: string): readonly { readonly file: string; readonly detail: string }[] {
  const checks: Readonly<Record<string, (file: string) => string | undefined>> = {
    'log.db': () => checkLog(directory),
    'registry.db': checkRegistry,
    'delivery.db': checkDelivery,
  }
  return Object.entries(checks).flatMap(([name, check]) => {
    const file = join(directory, name)
    if (!existsSync(file)) return []
    try {
      const detail = check(file)
      return detail === undefined ? [] : [{ file, detail }]
    } catch (error) {
      return [{ file, detail: (openingError(error) as Error).message }]
    }
  })
}

function checkLog(directory: string): undefined {
  const db = openForWriting(directory, 'FULL')
  const reader = openForReading(directory)
  try {
    new Committer(db, { idRunSize: Number.POSITIVE_INFINITY })
    new LogRows(reader).verify()
    return undefined
  } finally {
    reader.close()
    db.close()
  }
}

function checkRegistry(file: string): undefined {
  const database = openDatabase({ file, migrations: registryMigrations, verified: ['records', 'audit'] })
  try {
    new RegistryTables(database)
    return undefined
  } finally {
    database.close()
  }
}

function checkDelivery(file: string): string | undefined {
  const database = openDatabase({ file, migrations: deliveryMigrations, verified: Object.keys(verifiedTables) })
  try {
    const tables = new DeliveryTables(database).damagedHistory()
    return tables.length > 0 ? `the history of attempts is damaged (${tables.join(', ')})` : undefined
  } finally {
    database.close()
  }
}
