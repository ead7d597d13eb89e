import { NativeSelect } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { deliveriesQuery } from '../../api/delivery.ts'
import { statsQuery, subscriptionQuery } from '../../api/subscription.ts'
import { useSession } from '../../app/session.tsx'
import { Copy } from '../../parts/copy.tsx'
import { DeliveryTable } from '../../parts/delivery-table.tsx'
import { FilterBar, FilterField } from '../../parts/filter-bar.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { SubscriptionMark } from '../../parts/health.tsx'
import { More } from '../../parts/more.tsx'
import { PageFailure } from '../../parts/page-failure.tsx'
import { PageFrame, Section } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { statusFilterOf, useStatusChoices } from '../../parts/status-filter.ts'
import { useSpeech } from '../../text/language.tsx'
import { Course } from './course.tsx'
import { PendingRewind } from './pending-rewind.tsx'
import { Resending } from './resending.tsx'
import { Standing } from './standing.tsx'
import { SubscriptionActions } from './subscription-actions.tsx'
import { Terms } from './terms.tsx'
import { Trouble } from './trouble.tsx'

const route = getRouteApi('/subscriptions/$id')

/** Is this customer being served? */
export function SubscriptionPage() {
  const { kind } = useSession()
  const { id } = route.useParams()
  const subscription = useQuery({ ...subscriptionQuery(id), refetchInterval: 5_000 })
  const stats = useQuery(statsQuery(id))
  if (subscription.isPending) return <Loading />
  if (subscription.isError) return <PageFailure error={subscription.error} retry={() => void subscription.refetch()} />
  const { data } = subscription
  const name = data.description ?? data.endpoint.url
  return (
    <PageFrame
      title={name}
      heading={<Foreign>{name}</Foreign>}
      aside={
        <>
          <SubscriptionMark subscription={data} />
          <span>
            <code>{id}</code> <Copy text={id} />
          </span>
          {kind !== 'portal' && (
            <Link to="/integrations" search={{ id: data.integrationId }}>
              {data.integrationId}
            </Link>
          )}
        </>
      }
      actions={<SubscriptionActions subscription={data} />}
    >
      <Trouble subscription={data} stats={stats.data} />
      <PendingRewind id={id} />
      <Resending id={id} />
      {stats.isSuccess && <Standing stats={stats.data} />}
      <Course id={id} />
      <Deliveries id={id} />
      <Terms subscription={data} />
    </PageFrame>
  )
}

function Deliveries({ id }: { id: string }) {
  const { t } = useSpeech()
  const { status, error } = route.useSearch()
  const navigate = route.useNavigate()
  const choices = useStatusChoices()
  const pages = useInfiniteQuery({
    ...deliveriesQuery({ subscription: id, status: statusFilterOf(status), error }, 20),
    refetchInterval: 5_000,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Section title={t('nav.deliveries')}>
      <FilterBar label={t('filters')}>
        <NativeSelect
          label={t('column.status')}
          data={choices}
          value={status ?? ''}
          onChange={({ currentTarget }) =>
            void navigate({ search: (old) => ({ ...old, status: currentTarget.value || undefined }), replace: true })
          }
        />
        <FilterField
          label={t('column.error')}
          placeholder="http_500"
          value={error}
          onSettle={(text) => void navigate({ search: (old) => ({ ...old, error: text }), replace: true })}
        />
      </FilterBar>
      {pages.isPending && <Loading />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && <Empty title={t('deliveries.empty')}>{t('deliveries.emptyWhy')}</Empty>}
      {rows.length > 0 && <DeliveryTable rows={rows} isOfOne />}
      <More pages={pages} />
    </Section>
  )
}
