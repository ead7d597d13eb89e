import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  deleteSubscription,
  disableSubscription,
  rotateSecret,
  type Subscription,
  steerCatchUp,
  type TestResult,
  testSubscription,
} from '../../api/subscription.ts'
import { useMay } from '../../app/session.tsx'
import { Act } from '../../parts/act.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { Secret } from '../../parts/secret.tsx'
import { TestAnswer } from '../../parts/test-answer.tsx'
import { useSpeech } from '../../text/language.tsx'
import { Rewind } from './rewind.tsx'
import style from './subscription-actions.module.css'

/** The old secret signs beside the new one for a day. */
const overlapSeconds = 86_400

export function SubscriptionActions({ subscription }: { subscription: Subscription }) {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const maySubscribe = useMay('subscribe')
  const [test, setTest] = useState<TestResult | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const { id, status, catchUp, endpoint, signature } = subscription
  return (
    <div className={style.actions}>
      <div className={style.buttons}>
        <Act run={() => testSubscription(id)} onDone={setTest}>
          {t('subscription.test')}
        </Act>
        {maySubscribe && status === 'active' && catchUp?.state !== 'paused' && (
          <Act run={() => steerCatchUp(id, 'pause')}>{t('subscription.pause')}</Act>
        )}
        {maySubscribe && status === 'active' && <Rewind subscription={subscription} />}
        {maySubscribe && signature !== null && (
          <Confirm
            label={t('subscription.rotate')}
            title={t('subscription.rotate')}
            run={() => rotateSecret(id, overlapSeconds)}
            onDone={({ signingSecret, signingPublicKey }) => setSecret(signingSecret ?? signingPublicKey ?? null)}
          >
            <p>{t('subscription.rotateWhat')}</p>
          </Confirm>
        )}
        {status === 'active' && (
          <Confirm
            label={t('subscription.disable')}
            title={t('subscription.disable')}
            run={() => disableSubscription(id)}
          >
            <p>{t('subscription.disableWhat')}</p>
          </Confirm>
        )}
        {maySubscribe && (
          <Confirm
            label={t('delete')}
            title={t('subscription.delete')}
            name={new URL(endpoint.url).host}
            isDangerous
            run={() => deleteSubscription(id)}
            onDone={() => navigate({ to: '/subscriptions' })}
          >
            <p>
              {t('subscription.deleteWhat')} <Foreign>{endpoint.url}</Foreign>
            </p>
          </Confirm>
        )}
      </div>
      {test && <TestAnswer result={test} />}
      {secret !== null && <Secret name={t('secret.signing')} secret={secret} />}
    </div>
  )
}
