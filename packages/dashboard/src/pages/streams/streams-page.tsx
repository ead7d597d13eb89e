import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { disconnectStream, type OpenStream, streamsQuery } from '../../api/stream.ts'
import { useMay, useSession } from '../../app/session.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Copy } from '../../parts/copy.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'

/** Who is connected, and does anybody lag? */
export function StreamsPage() {
  const { t, language } = useSpeech()
  const { kind } = useSession()
  const mayOperate = useMay('operate')
  const pages = useInfiniteQuery({ ...streamsQuery(), refetchInterval: 5_000 })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const number = new Intl.NumberFormat(language)
  const columns: readonly Column<OpenStream>[] = [
    { heading: t('streams.since'), cell: ({ connectedAt }) => <Moment at={connectedAt} /> },
    { heading: t('streams.kind'), cell: ({ transport, dialect }) => `${transport} · ${dialect}` },
    ...(mayOperate ? [integrationColumn(t('column.integration'))] : []),
    { heading: t('column.address'), cell: ({ address }) => <Foreign>{address}</Foreign> },
    {
      heading: t('nav.tenants'),
      isNumber: true,
      cell: ({ tenants }) => (tenants === null ? t('all') : number.format(tenants)),
    },
    { heading: t('streams.topics'), isWide: true, cell: ({ topics }) => <Topics topics={topics} /> },
    {
      heading: t('subscription.behind'),
      isNumber: true,
      cell: ({ behind }) => behind !== null && number.format(behind),
    },
    {
      heading: t('streams.position'),
      cell: ({ resumeToken }) =>
        resumeToken && (
          <>
            <code>{resumeToken}</code> <Copy text={resumeToken} />
          </>
        ),
    },
    { heading: t('streams.buffered'), isNumber: true, cell: ({ bufferedBytes }) => number.format(bufferedBytes) },
    {
      heading: t('actions'),
      cell: ({ id }) => (
        <Confirm
          label={t('streams.disconnect')}
          title={t('streams.disconnect')}
          run={() => disconnectStream(id)}
          isDangerous
        >
          <p>{t('streams.disconnectWhat')}</p>
        </Confirm>
      ),
    },
  ]
  return (
    <PageFrame title={t(kind === 'portal' ? 'nav.portal.streams' : 'nav.streams')}>
      {pages.isPending && <Loading />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <Empty title={t('streams.empty')}>
          <p>{t('streams.emptyWhy')}</p>
        </Empty>
      )}
      {rows.length > 0 && <Table label={t('nav.streams')} columns={columns} rows={rows} keyOf={({ id }) => id} />}
      <More pages={pages} />
    </PageFrame>
  )
}

/** For whom it is: an integrator sees its own alone. */
function integrationColumn(heading: string): Column<OpenStream> {
  return {
    heading,
    cell: ({ integrationIds }) =>
      integrationIds.map((id) => (
        <Link key={id} to="/integrations" search={{ id }} className="mono">
          {id}
        </Link>
      )),
  }
}

const shownTopics = 4

function Topics({ topics }: { topics: readonly string[] }) {
  const { t } = useSpeech()
  const rest = topics.length - shownTopics
  return (
    <span title={topics.join(', ')}>
      {topics.slice(0, shownTopics).join(', ')} {rest > 0 && t('andMore', { count: rest })}
    </span>
  )
}
