import { Radio } from '@mantine/core'
import { useState } from 'react'
import { enableSubscription, type Subscription } from '../api/subscription.ts'
import { useSpeech } from '../text/language.tsx'
import { Confirm } from './confirm.tsx'
import { Foreign } from './foreign.tsx'

const places = ['stopped', 'now'] as const

/** Enables a subscription again, from where it stopped or from now: says what is sent before it is. */
export function Enable({ subscription }: { subscription: Subscription }) {
  const { t } = useSpeech()
  const [from, setFrom] = useState<(typeof places)[number]>('stopped')
  const { id, behind, endpoint } = subscription
  return (
    <Confirm
      label={t('subscription.enable')}
      title={t('subscription.enable')}
      run={() => enableSubscription(id, from)}
      variant="filled"
    >
      <p>
        {t('enable.waiting', { count: behind })} <Foreign>{endpoint.url}</Foreign>
      </p>
      <Radio.Group
        label={t('enable.from')}
        value={from}
        onChange={(chosen) => setFrom(places.find((each) => each === chosen)!)}
      >
        {places.map((value) => (
          <Radio key={value} value={value} label={t(`enable.from.${value}`)} mt={8} />
        ))}
      </Radio.Group>
    </Confirm>
  )
}
