import type { NewEvent } from '../../packages/server/src/core/event/event.ts'
import { openSqliteLog } from '../../packages/server/src/engines/sqlite/log.ts'

/**
 * Publishes until it is ended from outside, and says `<position> <id>` for every event that was
 * acknowledged. Arguments: directory, FULL or NORMAL.
 */
const [directory, synchronous] = process.argv.slice(2) as [string, 'FULL' | 'NORMAL']
const log = await openSqliteLog({ directory, synchronous, idRunSize: 500 })
// A pipe is written to at once on Linux: what was said is out when the process dies.
process.stdout.write('ready\n')
await Promise.all(Array.from({ length: 8 }, (_, publisher) => publish(publisher)))

async function publish(publisher: number): Promise<void> {
  for (let round = 0; ; round++) {
    const events = Array.from({ length: 1 + ((publisher * 7 + round) % 20) }, (_, index) =>
      eventOf(`${process.pid}-${publisher}-${round}-${index}`),
    )
    const result = await log.append(events)
    if (result.kind !== 'appended') throw new Error(result.kind)
    process.stdout.write(events.map(({ id }, index) => `${result.events[index]!.position} ${id}\n`).join(''))
  }
}

function eventOf(id: string): NewEvent {
  return {
    topic: id.endsWith('0') ? 'customers' : 'invoices',
    tenantId: 29302,
    type: 'invoice.updated',
    entityKey: id,
    isQuiet: false,
    id,
    fingerprint: '0123456789abcdef',
    head: `"type":"invoice.updated","tenantId":29302,"entityId":"${id}"`,
    tail: `"id":"${id}","data":{"text":"${'x'.repeat(id.length * 10)}"}`,
  }
}
