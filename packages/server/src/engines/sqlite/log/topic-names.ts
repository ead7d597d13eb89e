import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { damaged } from '../file/damage.ts'
import { LogFacts } from './log-facts.ts'

export function topicChecksum(number: number, name: string): number {
  return crc32(`${number} ${name}`)
}

/**
 * All topics by name.
 * @throws AppError `storage_unavailable` when one is missing, or was changed on disk
 */
export function loadTopics(db: DatabaseSync): Map<string, number> {
  const rows = db.prepare('SELECT number, name, checksum FROM topics ORDER BY number').all() as unknown as {
    number: number
    name: string
    checksum: number
  }[]
  const isWhole = rows.every(
    ({ number, name, checksum }, index) => number === index + 1 && checksum === topicChecksum(number, name),
  )
  if (!isWhole || rows.length !== new LogFacts(db).get('topics')) throw damaged('the list of topics')
  return new Map(rows.map(({ name, number }) => [name, number]))
}
