import { Link } from '@tanstack/react-router'
import type { NeedsAttention } from '../../api/overview.ts'
import { ButtonLink } from '../../parts/button-link.tsx'
import { Enable } from '../../parts/enable.tsx'
import { ErrorWord } from '../../parts/error-word.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { SubscriptionMark } from '../../parts/health.tsx'
import { Moment } from '../../parts/moment.tsx'
import { ResendUndelivered } from '../../parts/resend-undelivered.tsx'
import { Status } from '../../parts/status.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './attention.module.css'

/** Trouble first: which subscriptions are not served, why, and what to press. */
export function Attention({ total, items }: { total: number; items: readonly NeedsAttention[] }) {
  const { t } = useSpeech()
  if (total === 0) return <Status tone="good">{t('overview.allWell')}</Status>
  return (
    <>
      <ul className={style.list}>
        {items.map((each) => (
          <Row key={each.subscription.id} trouble={each} />
        ))}
      </ul>
      {total > items.length && (
        <p>
          {t('andMore', { count: total - items.length })} ·{' '}
          <Link to="/subscriptions">{t('overview.allSubscriptions')}</Link>
        </p>
      )}
    </>
  )
}

function Row({ trouble: { subscription, reasons, waiting, failed, error } }: { trouble: NeedsAttention }) {
  const { t } = useSpeech()
  const { id, endpoint, description, status, failingSince, disabledAt, disabledReason } = subscription
  const since = disabledAt ?? failingSince
  const undelivered = waiting + failed
  return (
    <li className={style.row} data-row="">
      {/* One whose only trouble is what waits would call itself well. */}
      {reasons.every((reason) => reason === 'undelivered') ? (
        <Status tone="warn" icon="clock">
          {t(waiting > 0 ? 'delivery.status.waiting' : 'delivery.status.failed')}
        </Status>
      ) : (
        <SubscriptionMark subscription={subscription} />
      )}
      <span className={style.who}>
        <Foreign>{description ?? endpoint.url}</Foreign>
        {since && (
          <span className="soft">
            {' '}
            · <Moment at={since} />
          </span>
        )}
        {undelivered > 0 && <span> · {t('subscription.undelivered', { count: undelivered })}</span>}
        {error !== null && (
          <span>
            {' '}
            · <ErrorWord error={error} />
          </span>
        )}
        {disabledReason && (
          <span className="soft">
            {' '}
            · <Foreign>{disabledReason}</Foreign>
          </span>
        )}
      </span>
      <span className={style.steps}>
        <ButtonLink to="/subscriptions/$id" params={{ id }}>
          {t('look')}
        </ButtonLink>
        {status === 'disabled' && <Enable subscription={subscription} />}
        {status === 'active' && undelivered > 0 && (
          <ResendUndelivered subscription={subscription} count={undelivered} />
        )}
      </span>
    </li>
  )
}
