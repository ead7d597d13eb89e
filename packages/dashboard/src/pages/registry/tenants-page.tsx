import { TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { digitsOf, exactNumber } from '../../api/exact-json.ts'
import { createTenant, deleteTenant, type Tenant, tenantsQuery } from '../../api/registry.ts'
import { Act } from '../../parts/act.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './registry.module.css'

/** The application's customers. */
export function TenantsPage() {
  const { t } = useSpeech()
  const pages = useInfiniteQuery(tenantsQuery())
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const columns: readonly Column<Tenant>[] = [
    {
      heading: t('column.tenant'),
      cell: ({ id }) => (
        <Link to="/events" search={{ tenant: digitsOf(id) }}>
          {digitsOf(id)}
        </Link>
      ),
    },
    { heading: t('column.name'), isWide: true, cell: ({ name }) => <Foreign>{name}</Foreign> },
    { heading: t('tenants.parent'), cell: ({ parentId }) => parentId !== null && digitsOf(parentId) },
    { heading: t('column.created'), cell: ({ createdAt }) => <Moment at={createdAt} /> },
    {
      heading: t('actions'),
      cell: ({ id, name }) => (
        <Confirm
          label={t('delete')}
          title={t('tenants.delete')}
          name={name || digitsOf(id)}
          isDangerous
          run={() => deleteTenant(digitsOf(id))}
        >
          <p>{t('tenants.deleteWhat')}</p>
        </Confirm>
      ),
    },
  ]
  return (
    <PageFrame title={t('nav.tenants')}>
      <NewTenant />
      {pages.isPending && <Loading />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && <Empty title={t('tenants.empty')}>{t('tenants.emptyWhy')}</Empty>}
      {rows.length > 0 && (
        <Table label={t('nav.tenants')} columns={columns} rows={rows} keyOf={({ id }) => digitsOf(id)} />
      )}
      <More pages={pages} />
    </PageFrame>
  )
}

function NewTenant() {
  const { t } = useSpeech()
  const [id, setId] = useState('')
  const [name, setName] = useState('')
  const [parent, setParent] = useState('')
  const digits = (text: string) => text.replaceAll(/\D/g, '')
  return (
    <div className={style.form}>
      <TextInput
        label={t('column.tenant')}
        value={id}
        onChange={(change) => setId(digits(change.currentTarget.value))}
      />
      <TextInput label={t('column.name')} value={name} onChange={(change) => setName(change.currentTarget.value)} />
      <TextInput
        label={t('tenants.parent')}
        value={parent}
        onChange={(change) => setParent(digits(change.currentTarget.value))}
      />
      <Act
        variant="filled"
        disabled={id === ''}
        run={() =>
          createTenant({ id: exactNumber(id), name, ...(parent === '' ? {} : { parentId: exactNumber(parent) }) })
        }
        onDone={() => {
          setId('')
          setName('')
        }}
      >
        {t('add')}
      </Act>
    </div>
  )
}
