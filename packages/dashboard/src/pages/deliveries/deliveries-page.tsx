import { NativeSelect } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { deliveriesQuery } from '../../api/delivery.ts'
import { useSession } from '../../app/session.tsx'
import { DeliveryTable } from '../../parts/delivery-table.tsx'
import { FilterBar, FilterField } from '../../parts/filter-bar.tsx'
import { MomentField } from '../../parts/moment-field.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { statusFilterOf, useStatusChoices } from '../../parts/status-filter.ts'
import { useSpeech } from '../../text/language.tsx'

const route = getRouteApi('/deliveries')

/** What was sent, and what came back? */
export function DeliveriesPage() {
  const { t } = useSpeech()
  const { kind } = useSession()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const choices = useStatusChoices()
  const pages = useInfiniteQuery(deliveriesQuery({ ...search, status: statusFilterOf(search.status) }))
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <PageFrame title={t(kind === 'portal' ? 'nav.portal.deliveries' : 'nav.deliveries')}>
      <FilterBar label={t('filters')}>
        <NativeSelect
          label={t('column.status')}
          data={choices}
          value={search.status ?? ''}
          onChange={(change) => set({ status: change.currentTarget.value || undefined })}
        />
        <FilterField
          label={t('column.type')}
          placeholder="invoice.*"
          value={search.types}
          onSettle={(types) => set({ types })}
        />
        <FilterField label={t('column.tenant')} value={search.tenants} onSettle={(tenants) => set({ tenants })} />
        <FilterField label={t('column.entity')} value={search.entity} onSettle={(entity) => set({ entity })} />
        <FilterField
          label={t('column.error')}
          placeholder="http_500"
          value={search.error}
          onSettle={(error) => set({ error })}
        />
        <FilterField
          label={t('column.subscription')}
          placeholder="sub_…"
          value={search.subscription}
          onSettle={(subscription) => set({ subscription })}
        />
        <MomentField label={t('column.since')} value={search.since} onSettle={(since) => set({ since })} />
        <MomentField label={t('column.until')} value={search.until} onSettle={(until) => set({ until })} />
      </FilterBar>
      {pages.isPending && <Loading rows={10} />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && !pages.hasNextPage && (
        <Empty title={t('deliveries.empty')}>
          <p>{t('deliveries.emptyWhy')}</p>
        </Empty>
      )}
      {rows.length > 0 && <DeliveryTable rows={rows} />}
      <More pages={pages} />
    </PageFrame>
  )
}
