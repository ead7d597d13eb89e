import type { SubscriptionStats } from '../../api/subscription.ts'
import { Moment } from '../../parts/moment.tsx'
import { Facts, Section } from '../../parts/page-frame.tsx'
import { durationText } from '../../parts/time-text.ts'
import { useSpeech } from '../../text/language.tsx'

/** Numbers of this moment. */
export function Standing({ stats }: { stats: SubscriptionStats }) {
  const { t, language } = useSpeech()
  const number = new Intl.NumberFormat(language)
  const { catchUp } = stats
  return (
    <Section title={t('subscription.standing')}>
      <Facts
        facts={[
          [t('delivery.status.waiting'), number.format(stats.waiting)],
          [t('delivery.status.failed'), number.format(stats.failed)],
          [t('subscription.behind'), number.format(stats.behind)],
          stats.behindSince === null ? null : [t('subscription.oldest'), <Moment key="at" at={stats.behindSince} />],
          stats.keptUntil === null ? null : [t('subscription.keptUntil'), <Moment key="at" at={stats.keptUntil} />],
          [t('subscription.inFlight'), number.format(stats.inFlight)],
          [t('subscription.breaker'), t(`breaker.${stats.breaker}` as 'breaker.open')],
          catchUp === null
            ? null
            : [
                t('subscription.catchUp'),
                t('subscription.catchUpOf', { read: catchUp.read, total: catchUp.read + catchUp.behind }) +
                  (catchUp.secondsLeft === null ? '' : ` · ${durationText(catchUp.secondsLeft * 1_000, language)}`),
              ],
          stats.notGranted === null
            ? null
            : [t('subscription.notGranted'), t('events.count', { count: stats.notGranted.events })],
        ]}
      />
    </Section>
  )
}
