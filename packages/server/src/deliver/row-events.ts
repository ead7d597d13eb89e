import type { WaitingDelivery } from '../core/delivery/delivery.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { EventLog } from '../log/event-log.ts'

/** A disk that fails altogether is not asked for every row of a page. */
const mostFailures = 8

export interface RowEvents {
  /** Of each row that was looked up; null: the log keeps its event no more. */
  readonly events: ReadonlyMap<WaitingDelivery, StoredEvent | null>
  /** Why the other rows could not be looked up; null: all were. */
  readonly failure: { readonly cause: unknown } | null
}

/** The events that waiting rows point to, read with one call; only where that fails, with one for each row, so that a damaged part of the log holds back no other. */
export async function eventsOfRows(
  log: Pick<EventLog, 'readAt'>,
  rows: readonly WaitingDelivery[],
): Promise<RowEvents> {
  const events = new Map<WaitingDelivery, StoredEvent | null>()
  let failure: RowEvents['failure'] = null
  const look = async (partition: number, some: readonly WaitingDelivery[]) => {
    const found = await log.readAt(
      partition,
      some.map(({ position }) => position),
    )
    const byPosition = new Map(found.map((event) => [event.position, event]))
    for (const row of some) events.set(row, byPosition.get(row.position) ?? null)
  }
  for (const [partition, some] of Map.groupBy(rows, (row) => row.partition)) {
    try {
      await look(partition, some)
    } catch {
      let failures = 0
      for (const row of some) {
        if (failures >= mostFailures) break
        try {
          await look(partition, [row])
        } catch (cause) {
          failures += 1
          failure = { cause }
        }
      }
    }
  }
  return { events, failure }
}
