import { useQuery } from '@tanstack/react-query'
import { resendMany, resendsQuery } from '../../api/delivery.ts'
import { enableSubscription, type Subscription, type SubscriptionStats, steerCatchUp } from '../../api/subscription.ts'
import { Act } from '../../parts/act.tsx'
import { ButtonLink } from '../../parts/button-link.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
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
          <Act variant="filled" run={() => enableSubscription(id)}>
            {t('subscription.enable')}
          </Act>
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
          {status === 'active' && (
            <Confirm
              label={t('resend')}
              title={t('resend.title')}
              run={() => resendMany({ subscription: id, status: 'undelivered' })}
            >
              <p>
                {t('resend.what', { count: undelivered })} <Foreign>{subscription.endpoint.url}</Foreign>
              </p>
              <p className="soft">{t('resend.pace', { count: subscription.concurrency })}</p>
            </Confirm>
          )}
        </li>
      )}
    </ul>
  )
}
