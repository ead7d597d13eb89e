import { Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { digitsOf, type ExactNumber, exactNumber } from '../../api/exact-json.ts'
import { ask, type Page, segment } from '../../api/http.ts'
import { Act } from '../../parts/act.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './settings.module.css'
import type { Target } from './visma-target.ts'

const path = '/visma-nxt/v1/webhook-subscriptions'
const every = ['INSERT', 'UPDATE', 'DELETE']

interface Subscription {
  readonly id: string
  readonly targetId: string | null
  readonly companyNo: number | ExactNumber
  readonly tableIdentifier: string
  readonly events: readonly string[]
  readonly active: boolean
}

export function VismaSubscriptions({ token, targets }: { token: string; targets: readonly Target[] }) {
  const { t } = useSpeech()
  const [targetId, setTarget] = useState('')
  const [table, setTable] = useState('')
  const [company, setCompany] = useState('')
  const [events, setEvents] = useState(every)
  const list = useQuery({
    queryKey: ['visma', token, 'subscriptions'],
    queryFn: ({ signal }) => ask<Page<Subscription>>('GET', path, { token, signal }),
  })
  const columns: readonly Column<Subscription>[] = [
    { heading: t('settings.table'), isWide: true, cell: ({ tableIdentifier }) => tableIdentifier },
    { heading: t('settings.target'), cell: ({ targetId: id }) => id && <code>{id}</code> },
    { heading: t('settings.company'), cell: ({ companyNo }) => digitsOf(companyNo) },
    { heading: t('nav.events'), cell: ({ events: named }) => named.join(', ') },
    {
      heading: t('actions'),
      cell: ({ id, active }) => (
        <div className={style.buttons}>
          <Act run={() => ask('PATCH', `${path}/${segment(id)}`, { token, body: { active: !active } })}>
            {t(active ? 'subscription.disable' : 'subscription.enable')}
          </Act>
          <Act run={() => ask('DELETE', `${path}/${segment(id)}`, { token })}>{t('delete')}</Act>
        </div>
      ),
    },
  ]
  return (
    <Section title={t('nav.subscriptions')}>
      <div className={style.form}>
        <NativeSelect
          label={t('settings.target')}
          value={targetId}
          onChange={(change) => setTarget(change.currentTarget.value)}
          data={[{ value: '', label: t('choose') }, ...targets.map(({ id, url }) => ({ value: id, label: url }))]}
        />
        <TextInput
          label={t('settings.table')}
          placeholder="Order"
          value={table}
          onChange={(change) => setTable(change.currentTarget.value)}
        />
        <TextInput
          label={t('settings.company')}
          value={company}
          onChange={(change) => setCompany(change.currentTarget.value.replaceAll(/\D/g, ''))}
        />
        <Checkbox.Group value={events} onChange={setEvents} label={t('nav.events')}>
          <div className={style.buttons}>
            {every.map((name) => (
              <Checkbox key={name} value={name} label={name} size="xs" />
            ))}
          </div>
        </Checkbox.Group>
        <Act
          variant="filled"
          disabled={targetId === '' || table === '' || events.length === 0}
          run={() =>
            ask('POST', path, {
              token,
              body: {
                targetId,
                tableIdentifier: table,
                events,
                ...(company === '' ? {} : { companyNo: exactNumber(company) }),
              },
            })
          }
          onDone={() => setTable('')}
        >
          {t('add')}
        </Act>
      </div>
      {list.isPending && <Loading rows={2} />}
      {list.isError && <Failure error={list.error} />}
      {list.data?.items.length === 0 && <Empty title={t('settings.none')} />}
      {list.data && list.data.items.length > 0 && (
        <Table label={t('nav.subscriptions')} columns={columns} rows={list.data.items} keyOf={({ id }) => id} />
      )}
    </Section>
  )
}
