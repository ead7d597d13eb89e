import { AppError } from '../core/errors.ts'
import { crowdedRetrySeconds, type OpenStreams } from '../stream/open-streams.ts'

/** @throws AppError `rate_limited`. Returns what ends the stream's count. */
export function openStreamOf(streams: OpenStreams, address: string, integrationId: string | null): () => void {
  const isIn = streams.enter(address)
  const isClaimed = isIn && (integrationId === null || streams.claim(integrationId))
  if (isIn && !isClaimed) streams.leave(address)
  if (!isClaimed) {
    throw new AppError(
      'rate_limited',
      'Too many streams are open. Close some of them: one stream can carry all topics and tenants.',
      {
        retryAfterSeconds: crowdedRetrySeconds,
      },
    )
  }
  let isOpen = true
  return () => {
    if (!isOpen) return
    isOpen = false
    streams.leave(address)
    if (integrationId !== null) streams.release(integrationId)
  }
}
