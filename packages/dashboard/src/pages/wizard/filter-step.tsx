import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { exactNumber, parseExact } from '../../api/exact-json.ts'
import { type FilterTrial, tryFilter } from '../../api/filter-trial.ts'
import { Act } from '../../parts/act.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Status } from '../../parts/status.tsx'
import { useSpeech } from '../../text/language.tsx'
import { entityOf } from '../events/entity.ts'
import { type Draft, isFilter } from './draft.ts'
import style from './wizard.module.css'

interface Props {
  readonly draft: Draft
  readonly onChange: (filter: string) => void
}

/** A filter, tried on events that are in the log. */
export function FilterStep({ draft: { types, tenants, filter }, onChange }: Props) {
  const { t } = useSpeech()
  const [trial, setTrial] = useState<FilterTrial | null>(null)
  return (
    <Section title={t('subscription.filter')}>
      <Textarea
        aria-label={t('subscription.filter')}
        description={t('wizard.filterWhat')}
        placeholder='{"data.total": {"$gte": 1000}}'
        autosize
        minRows={2}
        classNames={{ input: 'mono' }}
        value={filter}
        error={isFilter(filter) ? undefined : t('wizard.needsFilter')}
        onChange={(change) => onChange(change.currentTarget.value)}
        spellCheck={false}
      />
      <div className={style.end}>
        <Act
          disabled={filter.trim() === '' || !isFilter(filter)}
          run={async () => tryFilter(types, tenants.map(exactNumber), parseExact(filter))}
          onDone={setTrial}
        >
          {t('wizard.dryRun')}
        </Act>
        {trial && <span role="status">{t('wizard.passed', { count: trial.matched, looked: trial.tried })}</span>}
      </div>
      {trial && (
        <ul className={style.tried}>
          {trial.items.map(({ matches, event }) => (
            <li key={event.offset}>
              <Status tone={matches ? 'good' : 'quiet'}>{t(matches ? 'wizard.sent' : 'reason.filtered')}</Status>{' '}
              <code>{event.type}</code> <Foreign>{entityOf(event)}</Foreign>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
