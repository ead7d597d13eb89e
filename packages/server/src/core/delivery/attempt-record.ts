import type { AttemptTiming } from './attempt-timing.ts'
import type { AttemptError, Delivery, DeliveryStatus } from './delivery.ts'

/** One attempt, as kept for 14 days. Attempts of a delivery count from 1. */
export interface AttemptRecord extends Delivery {
  readonly attempt: number
  readonly atMs: number
  readonly durationMs: number
  readonly timing: AttemptTiming
  readonly status: number | null
  readonly error: AttemptError | null
  /** Up to 16 KiB of the receiver's answer. */
  readonly body: string | null
  /** Of an answer that was not accepted: a JSON object by lower-case names, up to 32 headers and 4 KiB. */
  readonly answerHeaders: string | null
  /** What the delivery became by it. */
  readonly outcome: DeliveryStatus
}
