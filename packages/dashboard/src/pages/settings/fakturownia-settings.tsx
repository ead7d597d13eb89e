import { NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { catalogueQuery } from '../../api/catalogue.ts'
import { ask, segment } from '../../api/http.ts'
import { Act } from '../../parts/act.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { Status } from '../../parts/status.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './settings.module.css'

interface Webhook {
  readonly id: number
  readonly kind: string
  readonly url: string
  readonly active: boolean
}

/** Webhooks of a Fakturownia account: type, URL, API token. */
export function FakturowniaSettings({ token }: { token: string }) {
  const { t } = useSpeech()
  const catalogue = useQuery(catalogueQuery)
  const kinds = [...new Set(catalogue.data?.flatMap(({ names }) => names.fakturownia ?? []))].sort()
  const [kind, setKind] = useState('')
  const [url, setUrl] = useState('')
  const [apiToken, setApiToken] = useState('')
  const webhooks = useQuery({
    queryKey: ['fakturownia', token],
    queryFn: ({ signal }) => ask<readonly Webhook[]>('GET', '/webhooks.json', { token, signal }),
  })
  const columns: readonly Column<Webhook>[] = [
    { heading: t('column.type'), cell: (webhook) => <code>{webhook.kind}</code> },
    { heading: t('column.endpoint'), isWide: true, cell: (webhook) => <Foreign>{webhook.url}</Foreign> },
    {
      heading: t('column.status'),
      cell: ({ active }) => (
        <Status tone={active ? 'good' : 'bad'}>{t(active ? 'subscription.active' : 'subscription.disabled')}</Status>
      ),
    },
    {
      heading: t('actions'),
      cell: (webhook) => (
        <Confirm
          label={t('delete')}
          title={t('subscription.delete')}
          isDangerous
          run={() => ask('DELETE', `/webhooks/${segment(String(webhook.id))}.json`, { token })}
        >
          <p>
            {t('subscription.deleteWhat')} <Foreign>{webhook.url}</Foreign>
          </p>
        </Confirm>
      ),
    },
  ]
  return (
    <Section title={t('settings.webhooks')}>
      <div className={style.form}>
        <NativeSelect
          label={t('column.type')}
          data={[{ value: '', label: t('choose') }, ...kinds]}
          value={kind}
          onChange={(change) => setKind(change.currentTarget.value)}
        />
        <TextInput label="URL" value={url} onChange={(change) => setUrl(change.currentTarget.value)} />
        <TextInput label="API token" value={apiToken} onChange={(change) => setApiToken(change.currentTarget.value)} />
        <Act
          variant="filled"
          disabled={kind === '' || url === ''}
          run={() => ask('POST', '/webhooks.json', { token, body: { kind, url, api_token: apiToken, active: true } })}
          onDone={() => setUrl('')}
        >
          {t('add')}
        </Act>
      </div>
      {webhooks.isPending && <Loading rows={3} />}
      {webhooks.isError && <Failure error={webhooks.error} />}
      {webhooks.data?.length === 0 && <Empty title={t('settings.none')} />}
      {webhooks.data && webhooks.data.length > 0 && (
        <Table label={t('settings.webhooks')} columns={columns} rows={webhooks.data} keyOf={({ id }) => String(id)} />
      )}
    </Section>
  )
}
