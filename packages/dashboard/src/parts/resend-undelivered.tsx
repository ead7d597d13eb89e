import { resendMany } from '../api/delivery.ts'
import type { Subscription } from '../api/subscription.ts'
import { useSpeech } from '../text/language.tsx'
import { Confirm } from './confirm.tsx'
import { Foreign } from './foreign.tsx'

/** Sends again what is undelivered: says how many, to where and at what pace before it begins. */
export function ResendUndelivered({ subscription, count }: { subscription: Subscription; count: number }) {
  const { t } = useSpeech()
  const { id, endpoint, concurrency } = subscription
  return (
    <Confirm
      label={t('resend')}
      title={t('resend.title')}
      run={() => resendMany({ subscription: id, status: 'undelivered' })}
    >
      <p>
        {t('resend.what', { count })} <Foreign>{endpoint.url}</Foreign>
      </p>
      <p className="soft">{t('resend.pace', { count: concurrency })}</p>
    </Confirm>
  )
}
