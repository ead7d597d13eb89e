import type { TestResult } from '../api/subscription.ts'
import { useSpeech } from '../text/language.tsx'
import { meaningOf } from './error-word.tsx'
import { ForeignText } from './foreign.tsx'
import { Status } from './status.tsx'
import { durationText } from './time-text.ts'

/** What the receiver answered to a test delivery. */
export function TestAnswer({ result }: { result: TestResult }) {
  const { t, language } = useSpeech()
  const { status, error, durationMs, body } = result
  return (
    <div role="status">
      <p>
        <Status tone={error === null ? 'good' : 'bad'}>
          {error === null ? t('test.accepted', { status: status ?? '' }) : meaningOf(error, t)}
        </Status>{' '}
        <span className="soft">{durationText(durationMs, language)}</span>
      </p>
      {body && <ForeignText text={body} label={t('delivery.answer')} />}
    </div>
  )
}
