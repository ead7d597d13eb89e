import { RefusedError } from './errors.ts'

const firstDelayMs = 500
const longestDelayMs = 30_000

/** How long to wait before try number `attempt` (from 1) is repeated: doubling, half of it random so that clients spread. */
function backoffMs(attempt: number, random: number = Math.random()): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 10))
  return Math.round(full / 2 + (full / 2) * random)
}

/** How long to wait after the failure of try number `attempt`: as long as the server said, where it said so. */
export function retryDelayMs(error: unknown, attempt: number): number {
  const seconds = error instanceof RefusedError ? error.retryAfterSeconds : undefined
  return seconds === undefined ? backoffMs(attempt) : seconds * 1_000
}
