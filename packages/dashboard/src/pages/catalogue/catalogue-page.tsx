import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { catalogueQuery, dialects, type EventType } from '../../api/catalogue.ts'
import { FilterBar, FilterField } from '../../parts/filter-bar.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import { TypeDetail } from './type-detail.tsx'

const route = getRouteApi('/catalogue')
/** As many as one looks through; filters find the others. */
const shownAtOnce = 100

/** What can happen, and what is it called where? */
export function CataloguePage() {
  const { t } = useSpeech()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const catalogue = useQuery(catalogueQuery)
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const found = (catalogue.data ?? []).filter((type) => matches(type, search))
  const chosen = catalogue.data?.find(({ type }) => type === search.type)
  const columns: readonly Column<EventType>[] = [
    {
      heading: t('column.type'),
      cell: ({ type }) => (
        <Link to="/catalogue" search={(old) => ({ ...old, type })} className="mono">
          {type}
        </Link>
      ),
    },
    { heading: t('column.topic'), cell: ({ topic }) => topic },
    { heading: t('catalogue.description'), isWide: true, cell: ({ description }) => description },
    { heading: t('catalogue.dialects'), cell: ({ names }) => Object.keys(names).join(', ') },
  ]
  return (
    <PageFrame title={t('nav.catalogue')}>
      {chosen && <TypeDetail key={chosen.type} type={chosen} onClose={() => set({ type: undefined })} />}
      <FilterBar label={t('filters')}>
        <FilterField label={t('search')} value={search.search} onSettle={(text) => set({ search: text })} />
        <NativeSelect
          label={t('column.dialect')}
          value={search.dialect ?? ''}
          onChange={(change) => set({ dialect: change.currentTarget.value || undefined })}
          data={[{ value: '', label: t('all') }, ...dialects.map((value) => ({ value, label: value }))]}
        />
      </FilterBar>
      {catalogue.isPending && <Loading rows={10} />}
      {catalogue.isError && <Failure error={catalogue.error} retry={() => void catalogue.refetch()} />}
      {catalogue.isSuccess && found.length === 0 && <Empty title={t('catalogue.noneSuch')} />}
      {found.length > 0 && (
        <>
          <Table
            label={t('nav.catalogue')}
            columns={columns}
            rows={found.slice(0, shownAtOnce)}
            keyOf={({ type }) => type}
          />
          <p className="soft">{t('catalogue.count', { count: found.length })}</p>
        </>
      )}
    </PageFrame>
  )
}

function matches(type: EventType, { search, dialect }: { search?: string; dialect?: string }): boolean {
  // The two that speak of types by their own names have every type.
  const hasAll = dialect === undefined || dialect === 'standard' || dialect === 'cloudevents'
  if (!hasAll && type.names[dialect] === undefined) return false
  if (search === undefined) return true
  const text = [type.type, type.description, type.topic, ...Object.values(type.names)].join(' ').toLowerCase()
  return text.includes(search.toLowerCase())
}
