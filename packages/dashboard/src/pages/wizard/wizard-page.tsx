import { NativeSelect, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { webhookDialects } from '../../api/catalogue.ts'
import { integrationsQuery } from '../../api/registry.ts'
import { createSubscription, type Subscription } from '../../api/subscription.ts'
import { useMay, useSession } from '../../app/session.tsx'
import { Act } from '../../parts/act.tsx'
import { PageFrame, Section } from '../../parts/page-frame.tsx'
import { useSpeech } from '../../text/language.tsx'
import { type Draft, draftBody, emptyDraft, missingOf } from './draft.ts'
import { FilterStep } from './filter-step.tsx'
import { Made } from './made.tsx'
import { TenantStep } from './tenant-step.tsx'
import { TrialStep } from './trial-step.tsx'
import { TypeStep } from './type-step.tsx'
import style from './wizard.module.css'

const route = getRouteApi('/subscriptions/new')

/** Makes a subscription: what, for whom, where to, which of it; then a test, and the secret. */
export function WizardPage() {
  const { t } = useSpeech()
  const { kind } = useSession()
  const mayOperate = useMay('operate')
  const search = route.useSearch()
  const [draft, setDraft] = useState<Draft>(() => ({
    ...emptyDraft,
    dialect: search.dialect ?? emptyDraft.dialect,
    types: search.type === undefined ? [] : [search.type],
    integrationId: search.integration ?? '',
  }))
  const [made, setMade] = useState<Subscription | null>(null)
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }))
  const title = t(kind === 'portal' ? 'wizard.portalTitle' : 'wizard.title')
  if (made) return <Made subscription={made} onDiscarded={() => setMade(null)} />
  const missing = missingOf(draft, mayOperate)
  return (
    <PageFrame title={title}>
      <div className={style.steps}>
        {mayOperate && (
          <IntegrationStep value={draft.integrationId} onChange={(integrationId) => set({ integrationId })} />
        )}
        <Section title={t('wizard.dialect')}>
          <NativeSelect
            aria-label={t('column.dialect')}
            description={t('wizard.dialectWhat')}
            value={draft.dialect}
            onChange={(change) => set({ dialect: change.currentTarget.value, types: [] })}
            data={[...webhookDialects]}
          />
        </Section>
        <TypeStep dialect={draft.dialect} value={draft.types} onChange={(types) => set({ types })} />
        <TenantStep value={draft.tenants} onChange={(tenants) => set({ tenants })} />
        <Section title={t('wizard.endpoint')}>
          <TextInput
            label="URL"
            type="url"
            placeholder="https://example.com/hook"
            value={draft.url}
            onChange={(change) => set({ url: change.currentTarget.value })}
          />
          <TextInput
            mt={8}
            label={t('wizard.description')}
            value={draft.description}
            onChange={(change) => set({ description: change.currentTarget.value })}
          />
        </Section>
        <FilterStep draft={draft} onChange={(filter) => set({ filter })} />
        <TrialStep draft={draft} isWhole={missing === null} />
        <div className={style.end}>
          <Act
            variant="filled"
            size="sm"
            disabled={missing !== null}
            run={async () => createSubscription(draftBody(draft))}
            onDone={setMade}
          >
            {t('wizard.create')}
          </Act>
          {missing && <span className="soft">{t(missing)}</span>}
        </div>
      </div>
    </PageFrame>
  )
}

function IntegrationStep({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useSpeech()
  const pages = useInfiniteQuery(integrationsQuery())
  const known = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Section title={t('column.integration')}>
      <NativeSelect
        aria-label={t('column.integration')}
        value={value}
        onChange={(change) => onChange(change.currentTarget.value)}
        data={[{ value: '', label: t('choose') }, ...known.map(({ id, name }) => ({ value: id, label: name }))]}
      />
    </Section>
  )
}
