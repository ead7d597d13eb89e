import { NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { digitsOf, type ExactNumber } from '../../api/exact-json.ts'
import { ask, segment } from '../../api/http.ts'
import { Act } from '../../parts/act.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Secret } from '../../parts/secret.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { Status } from '../../parts/status.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './settings.module.css'

interface Administration {
  readonly id: string | number | ExactNumber
  readonly name?: string
}
interface Webhook {
  readonly id: string
  readonly url: string
  readonly enabled_events: readonly string[]
  readonly last_http_status: number | null
  readonly deactivated_at: string | null
  readonly secret?: string
}

const idOf = (id: Administration['id']) => (typeof id === 'string' ? id : digitsOf(id))

/** Webhooks of an administration. */
export function MoneybirdSettings({ token }: { token: string }) {
  const { t } = useSpeech()
  const administrations = useQuery({
    queryKey: ['moneybird', token],
    queryFn: ({ signal }) => ask<readonly Administration[]>('GET', '/api/v2/administrations.json', { token, signal }),
  })
  const [chosen, setChosen] = useState<string | null>(null)
  const first = administrations.data?.[0]
  const administration = chosen ?? (first && idOf(first.id))
  if (administrations.isPending) return <Loading rows={3} />
  if (administrations.isError) return <Failure error={administrations.error} />
  return (
    <Section title={t('settings.webhooks')}>
      <div className={style.form}>
        <NativeSelect
          label={t('settings.administration')}
          value={administration ?? ''}
          onChange={(change) => setChosen(change.currentTarget.value)}
          data={administrations.data.map(({ id, name }) => ({ value: idOf(id), label: name ?? idOf(id) }))}
        />
      </div>
      {administration && <Webhooks key={administration} token={token} administration={administration} />}
    </Section>
  )
}

function Webhooks({ token, administration }: { token: string; administration: string }) {
  const { t } = useSpeech()
  const path = `/api/v2/${segment(administration)}/webhooks`
  const [url, setUrl] = useState('')
  const [events, setEvents] = useState('')
  const [secret, setSecret] = useState<string | null>(null)
  const webhooks = useQuery({
    queryKey: ['moneybird', token, administration],
    queryFn: ({ signal }) => ask<readonly Webhook[]>('GET', `${path}.json`, { token, signal }),
  })
  const named = events
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const columns: readonly Column<Webhook>[] = [
    { heading: t('column.endpoint'), isWide: true, cell: (webhook) => <Foreign>{webhook.url}</Foreign> },
    { heading: t('column.types'), cell: ({ enabled_events }) => enabled_events.join(', ') || t('all') },
    {
      heading: t('column.status'),
      cell: ({ deactivated_at, last_http_status }) => (
        <Status tone={deactivated_at === null ? 'good' : 'bad'}>
          {t(deactivated_at === null ? 'subscription.active' : 'subscription.disabled')} {last_http_status}
        </Status>
      ),
    },
    {
      heading: t('actions'),
      cell: (webhook) => (
        <div className={style.buttons}>
          <Act
            run={() =>
              ask(
                'PATCH',
                `${path}/${segment(webhook.id)}/${webhook.deactivated_at === null ? 'deactivate' : 'activate'}`,
                { token },
              )
            }
          >
            {t(webhook.deactivated_at === null ? 'subscription.disable' : 'subscription.enable')}
          </Act>
          <Confirm
            label={t('delete')}
            title={t('subscription.delete')}
            isDangerous
            run={() => ask('DELETE', `${path}/${segment(webhook.id)}`, { token })}
          >
            <p>
              {t('subscription.deleteWhat')} <Foreign>{webhook.url}</Foreign>
            </p>
          </Confirm>
        </div>
      ),
    },
  ]
  return (
    <>
      <div className={style.form}>
        <TextInput label="URL" value={url} onChange={(change) => setUrl(change.currentTarget.value)} />
        <TextInput
          label={t('settings.events')}
          placeholder="sales_invoice_created"
          value={events}
          onChange={(change) => setEvents(change.currentTarget.value)}
        />
        <Act
          variant="filled"
          disabled={url === ''}
          run={() =>
            ask<Webhook>('POST', `${path}.json`, {
              token,
              body: { url, ...(named.length === 0 ? {} : { enabled_events: named }) },
            })
          }
          onDone={(made) => {
            setUrl('')
            setSecret(made.secret ?? null)
          }}
        >
          {t('add')}
        </Act>
      </div>
      {secret !== null && <Secret name={t('secret.signing')} secret={secret} />}
      {webhooks.isPending && <Loading rows={3} />}
      {webhooks.isError && <Failure error={webhooks.error} />}
      {webhooks.data?.length === 0 && <Empty title={t('settings.none')} />}
      {webhooks.data && webhooks.data.length > 0 && (
        <Table label={t('settings.webhooks')} columns={columns} rows={webhooks.data} keyOf={({ id }) => id} />
      )}
    </>
  )
}
