import type { Subscription } from '../api/subscription.ts'
import { useSpeech } from '../text/language.tsx'
import { Status } from './status.tsx'

/** Is this subscription being served? */
export function SubscriptionMark({ subscription }: { subscription: Subscription }) {
  const { t } = useSpeech()
  const { status, failingSince, hasGrant, catchUp } = subscription
  if (status === 'disabled') return <Status tone="bad">{t('subscription.disabled')}</Status>
  if (failingSince !== null)
    return (
      <Status tone="bad" icon="warning">
        {t('subscription.failing')}
      </Status>
    )
  if (!hasGrant) return <Status tone="warn">{t('subscription.noGrant')}</Status>
  if (catchUp?.state === 'paused')
    return (
      <Status tone="warn" icon="clock">
        {t('subscription.paused')}
      </Status>
    )
  if (catchUp !== null)
    return (
      <Status tone="quiet" icon="clock">
        {t('subscription.catchingUp')}
      </Status>
    )
  return <Status tone="good">{t('subscription.active')}</Status>
}
