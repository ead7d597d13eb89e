import { NativeSelect, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { createKey, type Key, keysQuery, revokeKey } from '../../api/registry.ts'
import { Act } from '../../parts/act.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Moment } from '../../parts/moment.tsx'
import { More } from '../../parts/more.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Secret } from '../../parts/secret.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './registry.module.css'

/** Who may operate and publish? */
export function KeysPage() {
  const { t } = useSpeech()
  const pages = useInfiniteQuery(keysQuery())
  const [kind, setKind] = useState<'pub' | 'admin'>('pub')
  const [name, setName] = useState('')
  const [made, setMade] = useState<Key | null>(null)
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const columns: readonly Column<Key>[] = [
    { heading: t('keys.kind'), cell: (key) => t(`keys.kind.${key.kind}`) },
    { heading: t('column.name'), isWide: true, cell: (key) => key.name && <Foreign>{key.name}</Foreign> },
    { heading: 'ID', cell: ({ id }) => <code>{id}</code> },
    { heading: t('tokens.expires'), cell: ({ expiresAt }) => expiresAt && <Moment at={expiresAt} /> },
    { heading: t('column.created'), cell: ({ createdAt }) => <Moment at={createdAt} /> },
    {
      heading: t('actions'),
      cell: ({ id }) => (
        <Confirm label={t('revoke')} title={t('keys.revoke')} isDangerous run={() => revokeKey(id)}>
          <p>{t('keys.revokeWhat')}</p>
        </Confirm>
      ),
    },
  ]
  return (
    <PageFrame title={t('nav.keys')}>
      <div className={style.form}>
        <NativeSelect
          label={t('keys.kind')}
          value={kind}
          onChange={(change) => setKind(change.currentTarget.value === 'admin' ? 'admin' : 'pub')}
          data={[
            { value: 'pub', label: t('keys.kind.pub') },
            { value: 'admin', label: t('keys.kind.admin') },
          ]}
        />
        <TextInput label={t('column.name')} value={name} onChange={(change) => setName(change.currentTarget.value)} />
        <Act
          variant="filled"
          run={() => createKey({ kind, ...(name === '' ? {} : { name }) })}
          onDone={(key) => {
            setMade(key)
            setName('')
          }}
        >
          {t('keys.create')}
        </Act>
      </div>
      {made?.key && <Secret name={t(`keys.kind.${made.kind}`)} secret={made.key} />}
      {pages.isPending && <Loading />}
      {pages.isError && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && <Empty title={t('keys.empty')} />}
      {rows.length > 0 && <Table label={t('nav.keys')} columns={columns} rows={rows} keyOf={({ id }) => id} />}
      <More pages={pages} />
    </PageFrame>
  )
}
