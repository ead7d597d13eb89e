import type { DatabaseSync } from 'node:sqlite'
import { damaged } from '../file/damage.ts'
import type { LogFacts } from './log-facts.ts'

/**
 * That the log reaches as far as it says, as a whole and in each topic: what is missing further back,
 * a reader sees. The cost is one seek a topic, however long the log is.
 *
 * @param lasts the last position of each topic by its number, as the log says
 * @throws AppError `storage_unavailable`
 */
export function checkEnds(db: DatabaseSync, facts: LogFacts, lasts: ReadonlyMap<number, number>): void {
  const earliest = facts.get('earliest')
  const newest = db.prepare(
    'SELECT max(last) AS last FROM batches WHERE base >= (SELECT segment FROM batches ORDER BY base DESC LIMIT 1)',
  )
  const isAt = (found: unknown, expected: number) => (found === null ? expected <= earliest : found === expected)
  if (!isAt(newest.get()!.last, Math.max(0, ...lasts.values()))) throw damaged('the end of the log')
  const ofTopic = db.prepare('SELECT max(last) AS last FROM batches WHERE topic = ?')
  for (const [topic, last] of lasts) {
    if (!isAt(ofTopic.get(topic)!.last, last)) throw damaged('the end of a topic of the log')
  }
}
