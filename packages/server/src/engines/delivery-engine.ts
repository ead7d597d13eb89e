import type { DueStore } from '../deliver/due-store.ts'
import type { HistoryStore } from '../deliver/history/history-store.ts'
import type { SeriesStore } from '../deliver/history/series-store.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'
import type { NeededEvents } from '../log/retention.ts'

/** Delivery state as an engine stores it: everything that is asked of it, by whomever. Those who ask take their port alone. */
export interface DeliveryEngine extends SettlingStore, DueStore, HistoryStore, SeriesStore, NeededEvents {
  /** Later calls throw `shutting_down`. */
  close(): Promise<void>
}
