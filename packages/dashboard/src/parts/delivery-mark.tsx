import type { Delivery, DeliveryStatus } from '../api/delivery.ts'
import { useSpeech } from '../text/language.tsx'
import { ErrorWord } from './error-word.tsx'
import { Status, type Tone } from './status.tsx'

const tones: Record<DeliveryStatus, Tone> = { delivered: 'good', waiting: 'warn', failed: 'bad', superseded: 'quiet' }

export function DeliveryMark({ status }: { status: DeliveryStatus }) {
  const { t } = useSpeech()
  return (
    <Status tone={tones[status]} {...(status === 'waiting' ? { icon: 'clock' as const } : {})}>
      {t(`delivery.status.${status}`)}
    </Status>
  )
}

/** The error of the last attempt, unless that one was accepted. */
export function LastError({ delivery }: { delivery: Delivery }) {
  const error = delivery.lastAttempt?.error
  return error == null ? null : <ErrorWord error={error} />
}
