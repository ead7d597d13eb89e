import { Button, NativeSelect } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { TidingsEvent } from '../../api/event.ts'
import { eventsQuery } from '../../api/event-list.ts'
import { digitsOf } from '../../api/exact-json.ts'
import { topicsQuery } from '../../api/topic.ts'
import { useMay } from '../../app/session.tsx'
import { FilterBar, FilterField } from '../../parts/filter-bar.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Live } from '../../parts/live.tsx'
import { Moment } from '../../parts/moment.tsx'
import { MomentField } from '../../parts/moment-field.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import { entityOf } from './entity.ts'
import style from './events-page.module.css'
import { useEventTail } from './use-event-tail.ts'
import { useSince } from './use-since.ts'

const route = getRouteApi('/events')

/** What happened? */
export function EventsPage() {
  const { t } = useSpeech()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const open = useNavigate()
  const mayPublish = useMay('publish')
  const topics = useQuery(topicsQuery)
  const { choice, choices, sinceOf } = useSince(search.since)
  const tail = useEventTail(search)
  const pages = useInfiniteQuery(eventsQuery(search))
  const rows = withoutRepeats([...tail.rows, ...(pages.data?.pages.flatMap(({ items }) => items) ?? [])])
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const columns: readonly Column<TidingsEvent>[] = [
    { heading: t('column.when'), cell: ({ timestamp }) => <Moment at={timestamp} /> },
    {
      heading: t('column.event'),
      isWide: true,
      cell: (event) => (
        <Link to="/events/$id" params={{ id: event.id }} search={{ tenant: digitsOf(event.tenantId) }}>
          {event.type} <Foreign>{entityOf(event)}</Foreign>
        </Link>
      ),
    },
    { heading: t('column.tenant'), cell: ({ tenantId }) => digitsOf(tenantId) },
    { heading: t('column.topic'), cell: ({ topic }) => topic },
    { heading: t('column.actor'), cell: ({ actor }) => actor && <Foreign>{actor}</Foreign> },
    {
      heading: t('column.id'),
      cell: ({ id }) => (
        <span className={style.id}>
          <Foreign>{id}</Foreign>
        </span>
      ),
    },
  ]
  return (
    <PageFrame
      title={t('nav.events')}
      actions={
        search.until === undefined && (
          <>
            <Live atMs={tail.heardAtMs} isFailing={tail.state === 'lost'} />
            <Button data-pause="" aria-pressed={tail.isHeld} onClick={() => tail.hold(!tail.isHeld)}>
              {tail.isHeld ? t('events.goOn') : t('events.pause')} <kbd className={style.key}>p</kbd>
            </Button>
          </>
        )
      }
    >
      <FilterBar label={t('filters')}>
        <FilterField
          label={t('events.find')}
          placeholder="evt_…"
          value={undefined}
          onSettle={(id) => id && void open({ to: '/events/$id', params: { id } })}
        />
        <NativeSelect
          label={t('column.topic')}
          value={search.topic ?? ''}
          onChange={(change) => set({ topic: change.currentTarget.value || undefined })}
          data={[{ value: '', label: t('all') }, ...(topics.data?.items.map(({ topic }) => topic) ?? [])]}
        />
        <FilterField
          label={t('column.type')}
          placeholder="invoice.*"
          value={search.types}
          onSettle={(types) => set({ types })}
        />
        <FilterField label={t('column.tenant')} value={search.tenant} onSettle={(tenant) => set({ tenant })} />
        <FilterField label={t('column.entity')} value={search.entity} onSettle={(entity) => set({ entity })} />
        <NativeSelect
          label={t('column.since')}
          value={choice}
          onChange={(change) => set({ since: sinceOf(change.currentTarget.value) })}
          data={choices}
        />
        <MomentField label={t('column.until')} value={search.until} onSettle={(until) => set({ until })} />
      </FilterBar>
      {tail.held.length > 0 && (
        <button type="button" className={style.held} onClick={() => tail.hold(false)}>
          {t('events.new', { count: tail.held.length })}
        </button>
      )}
      {pages.isPending && <Loading rows={10} />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && !pages.hasNextPage && (
        <Empty title={t('events.empty')}>
          <p>{t('events.emptyWhy')}</p>
          {mayPublish && <Link to="/catalogue">{t('events.publishOne')}</Link>}
        </Empty>
      )}
      {rows.length > 0 && <Table label={t('nav.events')} columns={columns} rows={rows} keyOf={placeOf} />}
      <More pages={pages} />
    </PageFrame>
  )
}

function placeOf({ topic, offset }: TidingsEvent): string {
  return `${topic}:${offset}`
}

/** What came by the stream may be on the list too, which is asked for at the same time. */
function withoutRepeats(events: readonly TidingsEvent[]): readonly TidingsEvent[] {
  return [...new Map(events.map((event) => [placeOf(event), event])).values()]
}
