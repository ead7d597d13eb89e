import { type Check, ok, warn } from './check.ts'

const name = 'deliveries'
/** An attempt, and a breaker's pause, are over long before. */
const longOverdueSeconds = 900
const farBehindEvents = 10_000

/** What the metrics of a running server say about its deliveries; they need no key. */
export async function checkDeliveries(url: string): Promise<readonly Check[]> {
  const text = await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(3_000) }).then(
    (response) => (response.ok ? response.text() : ''),
    () => '',
  )
  const overdue = gauge(text, 'tidings_delivery_overdue_seconds')
  const lag = gauge(text, 'tidings_delivery_lag_events')
  if (Number.isNaN(overdue) || Number.isNaN(lag)) return []
  const found: Check[] = []
  if (overdue > longOverdueSeconds) {
    found.push(
      warn(name, `a retry waits ${duration(overdue)} past its time, of a subscription that does not fail`, {
        why: 'The receiver gets events late. It answers too slowly for the number of events, or allows too few attempts at once.',
        advice:
          'Find the one that waits longest: tidings deliveries list --status waiting. Raise the concurrency or ratePerSecond of its subscription.',
      }),
    )
  }
  if (lag > farBehindEvents) {
    found.push(
      warn(name, `${lag} events have not been handed to deliveries yet`, {
        why: 'Everybody gets events late.',
        advice:
          'If this number grows, the machine or the disk is too slow: see top, and tidings_log_commit_seconds in /metrics.',
      }),
    )
  }
  return found.length > 0 ? found : [ok(name, 'none is overdue')]
}

function gauge(text: string, of: string): number {
  return Number(new RegExp(`^${of} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

function duration(seconds: number): string {
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} minutes`
  return seconds < 2 * 86_400 ? `${Math.round(seconds / 3_600)} hours` : `${Math.round(seconds / 86_400)} days`
}
