import { useQuery } from '@tanstack/react-query'
import { type Node, nodesQuery } from '../../api/node.ts'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'

/** Which node serves which share of the subscriptions? */
export function NodesPage() {
  const { t, language } = useSpeech()
  const nodes = useQuery(nodesQuery)
  const number = new Intl.NumberFormat(language)
  const columns: readonly Column<Node>[] = [
    { heading: t('nodes.node'), isWide: true, cell: ({ id, url }) => <Foreign>{`${id} ${url}`}</Foreign> },
    { heading: t('column.status'), cell: ({ status }) => status },
    { heading: t('nodes.version'), cell: ({ version }) => version },
    { heading: t('streams.since'), cell: ({ since }) => <Moment at={since} /> },
    {
      heading: t('nodes.shares'),
      isNumber: true,
      cell: ({ shares }) => number.format(shares),
    },
    { heading: t('subscription.behind'), isNumber: true, cell: ({ behind }) => number.format(behind) },
  ]
  return (
    <PageFrame title={t('nav.nodes')}>
      {nodes.isPending && <Loading rows={2} />}
      {nodes.isError && <Failure error={nodes.error} retry={() => void nodes.refetch()} />}
      {nodes.data && <Table label={t('nav.nodes')} columns={columns} rows={nodes.data.items} keyOf={({ id }) => id} />}
    </PageFrame>
  )
}
