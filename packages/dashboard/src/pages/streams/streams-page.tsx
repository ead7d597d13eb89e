import { useInfiniteQuery } from '@tanstack/react-query'
import { disconnectStream, type OpenStream, streamsQuery } from '../../api/stream.ts'
import { Confirm } from '../../parts/confirm.tsx'
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
  const pages = useInfiniteQuery({ ...streamsQuery(), refetchInterval: 5_000 })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const number = new Intl.NumberFormat(language)
  const columns: readonly Column<OpenStream>[] = [
    { heading: t('streams.since'), cell: ({ since }) => since && <Moment at={since} /> },
    { heading: t('streams.kind'), cell: ({ kind }) => kind },
    { heading: t('column.integration'), cell: ({ integrationId }) => integrationId },
    { heading: t('column.address'), cell: ({ address }) => address && <Foreign>{address}</Foreign> },
    { heading: t('nav.tenants'), isNumber: true, cell: ({ tenants }) => number.format(tenants) },
    { heading: t('streams.topics'), isWide: true, cell: ({ topics }) => topics?.join(', ') },
    { heading: t('subscription.behind'), isNumber: true, cell: ({ behind }) => number.format(behind) },
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
    <PageFrame title={t('nav.streams')}>
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
