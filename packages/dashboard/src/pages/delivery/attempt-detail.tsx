import type { Attempt, Delivery } from '../../api/delivery.ts'
import { meaningOf } from '../../parts/error-word.tsx'
import { ForeignText } from '../../parts/foreign.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Empty } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import style from './attempt-detail.module.css'
import { HeaderList } from './header-list.tsx'
import { Request } from './request.tsx'

/** What was sent and what came back, side by side. */
export function AttemptDetail({ attempt, delivery }: { attempt: Attempt; delivery: Delivery }) {
  const { t } = useSpeech()
  return (
    <div className={style.pair}>
      <Request id={delivery.id} />
      <Section title={t('delivery.answerTo', { count: attempt.attempt })}>
        {attempt.error !== null && <p className={style.error}>{meaningOf(attempt.error, t)}</p>}
        {attempt.headers && <HeaderList headers={attempt.headers} />}
        {attempt.body ? (
          <ForeignText text={attempt.body} label={t('delivery.answer')} />
        ) : (
          <Empty title={t('delivery.noBody')} />
        )}
      </Section>
    </div>
  )
}
