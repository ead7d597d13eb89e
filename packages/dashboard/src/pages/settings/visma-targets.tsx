import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ask, segment } from '../../api/http.ts'
import { Act } from '../../parts/act.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Secret } from '../../parts/secret.tsx'
import { Empty } from '../../parts/states.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './settings.module.css'
import type { Target } from './visma-target.ts'

const path = '/visma-nxt/v1/webhook-targets'
const kinds = ['exponential', 'linear', 'fixed', 'none']

interface Props {
  readonly token: string
  readonly targets: readonly Target[]
  readonly title: string
}

export function VismaTargets({ token, targets, title }: Props) {
  const { t } = useSpeech()
  const [url, setUrl] = useState('')
  const [kind, setKind] = useState('exponential')
  const [key, setKey] = useState<string | null>(null)
  const columns: readonly Column<Target>[] = [
    { heading: 'ID', cell: ({ id }) => <code>{id}</code> },
    { heading: t('column.endpoint'), isWide: true, cell: (target) => <Foreign>{target.url}</Foreign> },
    { heading: t('subscription.retries'), cell: ({ retryPolicy }) => `${retryPolicy.kind} ${retryPolicy.attempts}` },
    {
      heading: t('actions'),
      cell: (target) => (
        <Confirm
          label={t('delete')}
          title={t('subscription.delete')}
          isDangerous
          run={() => ask('DELETE', `${path}/${segment(target.id)}`, { token })}
        >
          <p>
            {t('subscription.deleteWhat')} <Foreign>{target.url}</Foreign>
          </p>
        </Confirm>
      ),
    },
  ]
  return (
    <Section title={title}>
      <div className={style.form}>
        <TextInput label="URL" value={url} onChange={(change) => setUrl(change.currentTarget.value)} />
        <NativeSelect
          label={t('subscription.retries')}
          data={kinds}
          value={kind}
          onChange={(change) => setKind(change.currentTarget.value)}
        />
        <Act
          variant="filled"
          disabled={url === ''}
          run={() => ask<Target>('POST', path, { token, body: { url, retryPolicy: { kind } } })}
          onDone={(made) => {
            setUrl('')
            setKey(made.signatureKey ?? null)
          }}
        >
          {t('add')}
        </Act>
      </div>
      {key !== null && <Secret name={t('secret.signing')} secret={key} />}
      {targets.length === 0 ? (
        <Empty title={t('settings.none')} />
      ) : (
        <Table label={title} columns={columns} rows={targets} keyOf={({ id }) => id} />
      )}
    </Section>
  )
}
