import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { attemptsQuery, deliveryQuery, resendDelivery } from '../../api/delivery.ts'
import { digitsOf } from '../../api/exact-json.ts'
import { Act } from '../../parts/act.tsx'
import { Copy } from '../../parts/copy.tsx'
import { DeliveryMark } from '../../parts/delivery-mark.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { PageFailure } from '../../parts/page-failure.tsx'
import { PageFrame, Section } from '../../parts/page-frame.tsx'
import { Failure, Loading } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import { AttemptDetail } from './attempt-detail.tsx'
import { AttemptTable } from './attempt-table.tsx'

const route = getRouteApi('/deliveries/$id')

/** What exactly was said? */
export function DeliveryPage() {
  const { t } = useSpeech()
  const { id } = route.useParams()
  const { attempt } = route.useSearch()
  const delivery = useQuery({ ...deliveryQuery(id), refetchInterval: 5_000 })
  const attempts = useQuery({ ...attemptsQuery(id), refetchInterval: 5_000 })
  if (delivery.isPending) return <Loading />
  if (delivery.isError) return <PageFailure error={delivery.error} retry={() => void delivery.refetch()} />
  const { status, event, subscription, nextAttemptAt, sequence } = delivery.data
  const newestFirst = [...(attempts.data?.items ?? [])].sort((a, b) => b.attempt - a.attempt)
  const chosen = newestFirst.find((each) => String(each.attempt) === attempt) ?? newestFirst[0]
  return (
    <PageFrame
      title={`${event.type} ${event.entityId}`}
      heading={
        <>
          {event.type} <Foreign>{event.entityId}</Foreign>
        </>
      }
      aside={
        <>
          <DeliveryMark status={status} />
          {nextAttemptAt && (
            <span>
              {t('column.next')} <Moment at={nextAttemptAt} isDue />
            </span>
          )}
          <span>
            <code>{id}</code> <Copy text={id} />
          </span>
          <span>
            {t('column.tenant')} {digitsOf(event.tenantId)}
          </span>
          {sequence !== null && (
            <span>
              {t('delivery.sequence')} {sequence}
            </span>
          )}
          {subscription && (
            <Link to="/subscriptions/$id" params={{ id: subscription }}>
              {t('column.subscription')}
            </Link>
          )}
          {event.id && (
            <Link to="/events/$id" params={{ id: event.id }} search={{ tenant: digitsOf(event.tenantId) }}>
              {t('column.event')}
            </Link>
          )}
        </>
      }
      actions={
        <Act variant="filled" run={() => resendDelivery(id)} done={t('resend.queued')}>
          {t('resend')}
        </Act>
      }
    >
      <Section title={t('delivery.attempts')}>
        {attempts.isPending && <Loading rows={3} />}
        {attempts.isError && <Failure error={attempts.error} />}
        {newestFirst.length > 0 && <AttemptTable delivery={id} attempts={newestFirst} chosen={chosen?.attempt} />}
      </Section>
      {chosen && <AttemptDetail attempt={chosen} delivery={delivery.data} />}
    </PageFrame>
  )
}
