import { NativeSelect } from '@mantine/core'
import { useInfiniteQuery, useQueries } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { webhookDialects } from '../../api/catalogue.ts'
import { healthQuery } from '../../api/series.ts'
import { type Subscription, subscriptionsQuery } from '../../api/subscription.ts'
import { useMay, useSession } from '../../app/session.tsx'
import { ButtonLink } from '../../parts/button-link.tsx'
import { FilterBar, FilterField } from '../../parts/filter-bar.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { SubscriptionMark } from '../../parts/health.tsx'
import { Moment } from '../../parts/moment.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import { HealthBar } from './health-bar.tsx'

const route = getRouteApi('/subscriptions')

/** Who is served, and who is not? */
export function SubscriptionsPage() {
  const { t, language } = useSpeech()
  const { kind } = useSession()
  const maySubscribe = useMay('subscribe')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const pages = useInfiniteQuery(subscriptionsQuery(search))
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const loaded = pages.data?.pages.map(({ items }) => items) ?? []
  const rows = loaded.flat()
  const healths = useQueries({ queries: loaded.map((items) => healthQuery(items.map(({ id }) => id))) })
  const healthOf = new Map(healths.flatMap(({ data = [] }) => data.map((each) => [each.subscription, each] as const)))
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  const number = new Intl.NumberFormat(language)
  const columns: readonly Column<Subscription>[] = [
    { heading: t('column.status'), cell: (subscription) => <SubscriptionMark subscription={subscription} /> },
    {
      heading: t('column.endpoint'),
      isWide: true,
      cell: ({ id, endpoint, description }) => (
        <>
          <Link to="/subscriptions/$id" params={{ id }}>
            <Foreign>{description ?? endpoint.url}</Foreign>
          </Link>
          {description && (
            <div className="soft">
              <Foreign>{endpoint.url}</Foreign>
            </div>
          )}
        </>
      ),
    },
    { heading: t('column.dialect'), cell: ({ dialect }) => dialect },
    { heading: t('column.types'), cell: ({ types }) => <TypesCell types={types} /> },
    { heading: t('subscription.lastHour'), cell: ({ id }) => <HealthBar health={healthOf.get(id)} /> },
    { heading: t('subscription.behind'), isNumber: true, cell: ({ behind }) => number.format(behind) },
    { heading: t('column.created'), cell: ({ createdAt }) => <Moment at={createdAt} /> },
  ]
  const create = maySubscribe && (
    <ButtonLink to="/subscriptions/new" variant="filled">
      {t('subscriptions.new')}
    </ButtonLink>
  )
  return (
    <PageFrame title={t(kind === 'portal' ? 'nav.portal.subscriptions' : 'nav.subscriptions')} actions={create}>
      <FilterBar label={t('filters')}>
        <FilterField
          label={t('search')}
          placeholder={t('subscriptions.searchBy')}
          value={search.search}
          onSettle={(text) => set({ search: text })}
        />
        <NativeSelect
          label={t('column.status')}
          value={search.status ?? ''}
          onChange={(change) => set({ status: change.currentTarget.value || undefined })}
          data={[
            { value: '', label: t('all') },
            { value: 'active', label: t('subscription.active') },
            { value: 'failing', label: t('subscription.failing') },
            { value: 'disabled', label: t('subscription.disabled') },
          ]}
        />
        <NativeSelect
          label={t('column.dialect')}
          value={search.dialect ?? ''}
          onChange={(change) => set({ dialect: change.currentTarget.value || undefined })}
          data={[{ value: '', label: t('all') }, ...webhookDialects.map((value) => ({ value, label: value }))]}
        />
      </FilterBar>
      {pages.isPending && <Loading rows={10} />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && !pages.hasNextPage && (
        <Empty title={t(isFiltered ? 'subscriptions.noneSuch' : 'subscriptions.empty')}>
          {!isFiltered && <p>{t('subscriptions.emptyWhy')}</p>}
          {!isFiltered && create}
        </Empty>
      )}
      {rows.length > 0 && <Table label={t('nav.subscriptions')} columns={columns} rows={rows} keyOf={({ id }) => id} />}
      <More pages={pages} />
    </PageFrame>
  )
}

function TypesCell({ types }: { types: readonly string[] }) {
  const { t } = useSpeech()
  const [first, ...rest] = types
  return (
    <>
      <code>{first}</code>
      {rest.length > 0 && <span className="soft"> {t('andMore', { count: rest.length })}</span>}
    </>
  )
}
