import { TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { createIntegration, type Integration, integrationsQuery } from '../../api/registry.ts'
import { Act } from '../../parts/act.tsx'
import { Copy } from '../../parts/copy.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Secret } from '../../parts/secret.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import { IntegrationDetail } from './integration-detail.tsx'
import style from './registry.module.css'

const route = getRouteApi('/integrations')

/** Other companies' systems, and what they were granted. */
export function IntegrationsPage() {
  const { t } = useSpeech()
  const { id: chosen } = route.useSearch()
  const pages = useInfiniteQuery(integrationsQuery())
  const [name, setName] = useState('')
  const [made, setMade] = useState<Integration | null>(null)
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const columns: readonly Column<Integration>[] = [
    {
      heading: t('column.name'),
      isWide: true,
      cell: (integration) => (
        <Link to="/integrations" search={{ id: integration.id }}>
          <Foreign>{integration.name}</Foreign>
        </Link>
      ),
    },
    { heading: 'ID', cell: ({ id }) => <code>{id}</code> },
    {
      heading: t('integrations.clientId'),
      cell: ({ clientId }) => (
        <>
          <code>
            <Foreign>{clientId}</Foreign>
          </code>{' '}
          <Copy text={clientId} />
        </>
      ),
    },
    { heading: t('column.created'), cell: ({ createdAt }) => <Moment at={createdAt} /> },
  ]
  return (
    <PageFrame title={t('nav.integrations')}>
      {chosen && <IntegrationDetail key={chosen} id={chosen} />}
      <div className={style.form}>
        <TextInput label={t('column.name')} value={name} onChange={(change) => setName(change.currentTarget.value)} />
        <Act
          variant="filled"
          disabled={name === ''}
          run={() => createIntegration(name)}
          onDone={(integration) => {
            setMade(integration)
            setName('')
          }}
        >
          {t('add')}
        </Act>
      </div>
      {made?.clientSecret && (
        <Secret name={t('integrations.secret')} secret={`${made.clientId}:${made.clientSecret}`} />
      )}
      {pages.isPending && <Loading />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <Empty title={t('integrations.empty')}>{t('integrations.emptyWhy')}</Empty>
      )}
      {rows.length > 0 && <Table label={t('nav.integrations')} columns={columns} rows={rows} keyOf={({ id }) => id} />}
      <More pages={pages} />
    </PageFrame>
  )
}
