import { useQuery } from '@tanstack/react-query'
import { resendsQuery } from '../../api/delivery.ts'
import { type Subscription, type SubscriptionStats, steerCatchUp } from '../../api/subscription.ts'
import { Act } from '../../parts/act.tsx'
import { ButtonLink } from '../../parts/button-link.tsx'
import { Enable } from '../../parts/enable.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { ResendUndelivered } from '../../parts/resend-undelivered.tsx'
import { Status } from '../../parts/status.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './trouble.module.css'

interface Props {
  readonly subscription: Subscription
  readonly stats: SubscriptionStats | undefined
}

/** What is wrong with it, each with its next step as a button on the same row. */
export function Trouble({ subscription, stats }: Props) {
  const { t } = useSpeech()
  const { id, status, disabledAt, disabledReason, failingSince, hasGrant, catchUp } = subscription
  const resends = useQuery(resendsQuery)
  const isResending = resends.data?.items.some(
    (resend) => resend.status === 'running' && resend.filter.subscription === id,
  )
  const undelivered = (stats?.waiting ?? 0) + (stats?.failed ?? 0)
  return (
    <ul className={style.list}>
      {status === 'disabled' && (
        <li>
          <Status tone="bad">{t('subscription.disabled')}</Status>
          <span>
            {disabledAt && <Moment at={disabledAt} />} {disabledReason && <Foreign>{disabledReason}</Foreign>}
          </span>
          <Enable subscription={subscription} />
        </li>
      )}
      {failingSince !== null && (
        <li>
          <Status tone="bad" icon="warning">
            {t('subscription.failing')}
          </Status>
          <span>
            {t('subscription.failingSince')} <Moment at={failingSince} />
          </span>
        </li>
      )}
      {!hasGrant && (
        <li>
          <Status tone="warn">{t('subscription.noGrant')}</Status>
          <span>{t('subscription.noGrantWhy')}</span>
        </li>
      )}
      {catchUp?.state === 'paused' && (
        <li>
          <Status tone="warn" icon="clock">
            {t('subscription.paused')}
          </Status>
          <span>{t('subscription.pausedWhy')}</span>
          <Act run={() => steerCatchUp(id, 'resume')}>{t('subscription.resume')}</Act>
        </li>
      )}
      {undelivered > 0 && !isResending && (
        <li>
          <Status tone="warn" icon="clock">
            {t('subscription.undelivered', { count: undelivered })}
          </Status>
          <ButtonLink to="/subscriptions/$id" params={{ id }} search={{ status: 'undelivered' }}>
            {t('look')}
          </ButtonLink>
          {status === 'active' && <ResendUndelivered subscription={subscription} count={undelivered} />}
        </li>
      )}
    </ul>
  )
}
