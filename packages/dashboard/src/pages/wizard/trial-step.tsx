import { useState } from 'react'
import { type TestResult, trySubscription } from '../../api/subscription.ts'
import { Act } from '../../parts/act.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { TestAnswer } from '../../parts/test-answer.tsx'
import { useSpeech } from '../../text/language.tsx'
import { type Draft, draftBody } from './draft.ts'
import style from './wizard.module.css'

interface Props {
  readonly draft: Draft
  readonly isWhole: boolean
}

/** What the receiver answers, before anything is stored. An answer is shown as long as what was asked is unchanged. */
export function TrialStep({ draft, isWhole }: Props) {
  const { t } = useSpeech()
  const [tried, setTried] = useState<{ readonly draft: Draft; readonly result: TestResult } | null>(null)
  return (
    <Section title={t('wizard.test')}>
      <p className="soft">{t('wizard.testWhat')}</p>
      <div className={style.end}>
        <Act
          disabled={!isWhole}
          run={async () => ({ draft, result: await trySubscription(draftBody(draft)) })}
          onDone={setTried}
        >
          {t('subscription.test')}
        </Act>
      </div>
      {tried?.draft === draft && <TestAnswer result={tried.result} />}
    </Section>
  )
}
