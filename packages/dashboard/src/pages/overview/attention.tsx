import { useInfiniteQuery, useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { deliveriesQuery } from '../../api/delivery.ts'
import { type Subscription, statsQuery, subscriptionsQuery } from '../../api/subscription.ts'
import { ButtonLink } from '../../parts/button-link.tsx'
import { Enable } from '../../parts/enable.tsx'
import { ErrorWord } from '../../parts/error-word.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { needsAttention, SubscriptionMark } from '../../parts/health.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { ResendUndelivered } from '../../parts/resend-undelivered.tsx'
import { Failure, Loading } from '../../parts/states.tsx'
import { Status } from '../../parts/status.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './attention.module.css'

/** Trouble first: which subscriptions are not served, why, and what to press. */
export function Attention() {
  const { t } = useSpeech()
  const list = useInfiniteQuery({ ...subscriptionsQuery({}, 500), refetchInterval: 10_000 })
  // The newest of what is undelivered names the subscriptions that wait, though none of them is disabled.
  const undelivered = useInfiniteQuery({
    ...deliveriesQuery({ status: 'undelivered' }, 100),
    refetchInterval: 10_000,
  })
  const newest = undelivered.data?.pages.flatMap(({ items }) => items) ?? []
  // They come newest first: turned around, the newest of a subscription is what stays.
  const errors = new Map(newest.toReversed().map((each) => [each.subscription, each.lastAttempt?.error ?? null]))
  const rows = (list.data?.pages.flatMap(({ items }) => items) ?? []).filter(
    (each) => needsAttention(each) || errors.has(each.id),
  )
  const stats = useQueries({ queries: rows.map(({ id }) => statsQuery(id)) })
  return (
    <Section title={t('overview.attention')}>
      {list.isPending && <Loading rows={2} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && undelivered.isSuccess && rows.length === 0 && (
        <Status tone="good">{t('overview.allWell')}</Status>
      )}
      <ul className={style.list}>
        {rows.map((subscription, at) => (
          <Row
            key={subscription.id}
            subscription={subscription}
            error={errors.get(subscription.id) ?? null}
            undelivered={(stats[at]?.data?.waiting ?? 0) + (stats[at]?.data?.failed ?? 0)}
          />
        ))}
      </ul>
      {list.hasNextPage && <Link to="/subscriptions">{t('overview.allSubscriptions')}</Link>}
    </Section>
  )
}

interface RowProps {
  readonly subscription: Subscription
  /** Of the newest attempt that was not accepted. */
  readonly error: string | null
  readonly undelivered: number
}

function Row({ subscription, error, undelivered }: RowProps) {
  const { t } = useSpeech()
  const { id, endpoint, description, status, failingSince, disabledAt, disabledReason } = subscription
  const since = disabledAt ?? failingSince
  return (
    <li className={style.row} data-row="">
      <SubscriptionMark subscription={subscription} />
      <span className={style.who}>
        <Foreign>{description ?? endpoint.url}</Foreign>
        {since && (
          <span className="soft">
            {' '}
            · <Moment at={since} />
          </span>
        )}
        {undelivered > 0 && <span> · {t('subscription.undelivered', { count: undelivered })}</span>}
        {error && (
          <>
            {' '}
            · <ErrorWord error={error} />
          </>
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
