import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { digitsOf } from '../../api/exact-json.ts'
import { type AuditEntry, auditQuery } from '../../api/registry.ts'
import { FilterBar, FilterField } from '../../parts/filter-bar.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { MomentField } from '../../parts/moment-field.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'

const route = getRouteApi('/audit')

/** Who changed what? */
export function AuditPage() {
  const { t } = useSpeech()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const pages = useInfiniteQuery(auditQuery(search))
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const columns: readonly Column<AuditEntry>[] = [
    { heading: t('column.when'), cell: ({ at }) => <Moment at={at} /> },
    { heading: t('audit.who'), cell: ({ by }) => `${by.kind} ${by.id ?? ''}` },
    { heading: t('audit.action'), cell: ({ action, kind }) => `${action} ${kind}` },
    {
      heading: t('audit.subject'),
      isWide: true,
      cell: ({ id }) =>
        id && (
          <code>
            <Foreign>{id}</Foreign>
          </code>
        ),
    },
    { heading: t('column.integration'), cell: ({ integrationId }) => integrationId },
    { heading: t('column.tenant'), cell: ({ tenantId }) => tenantId !== null && digitsOf(tenantId) },
    { heading: t('column.address'), cell: ({ address }) => <Foreign>{address}</Foreign> },
  ]
  const filters = ['kind', 'action', 'actor', 'subject', 'integration', 'tenant'] as const
  const labels = {
    kind: t('audit.kind'),
    action: t('audit.action'),
    actor: t('audit.who'),
    subject: t('audit.subject'),
    integration: t('column.integration'),
    tenant: t('column.tenant'),
  }
  return (
    <PageFrame title={t('nav.audit')}>
      <FilterBar label={t('filters')}>
        {filters.map((name) => (
          <FilterField
            key={name}
            label={labels[name]}
            value={search[name]}
            onSettle={(text) => set({ [name]: text })}
          />
        ))}
        <MomentField label={t('column.since')} value={search.since} onSettle={(since) => set({ since })} />
        <MomentField label={t('column.until')} value={search.until} onSettle={(until) => set({ until })} />
      </FilterBar>
      {pages.isPending && <Loading rows={10} />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && !pages.hasNextPage && <Empty title={t('audit.empty')} />}
      {rows.length > 0 && (
        <Table
          label={t('nav.audit')}
          columns={columns}
          rows={rows}
          keyOf={({ at, id, request }) => `${at} ${id} ${request}`}
        />
      )}
      <More pages={pages} />
    </PageFrame>
  )
}
