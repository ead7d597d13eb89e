import { resendDelivery } from '../../api/delivery.ts'
import type { Mend } from '../../api/event.ts'
import { digitsOf } from '../../api/exact-json.ts'
import { changeSubscription, enableSubscription, rewindSubscription, steerCatchUp } from '../../api/subscription.ts'
import { useMay } from '../../app/session.tsx'
import { Act } from '../../parts/act.tsx'
import { ButtonLink } from '../../parts/button-link.tsx'
import { useSpeech } from '../../text/language.tsx'

/** One step of what brings an event to its receiver. Steps build on each other, so the first is pressed first. */
export function MendStep({ step, isFirst }: { step: Mend; isFirst: boolean }) {
  const { t } = useSpeech()
  const mayChange = useMay('subscribe')
  const mayOperate = useMay('operate')
  const label = t(`mend.${step.action}`)
  if (step.action === 'grant') {
    if (!mayOperate) return null
    return (
      <ButtonLink to="/integrations" search={{ id: step.integrationId, tenant: digitsOf(step.tenantId) }}>
        {label}
      </ButtonLink>
    )
  }
  if (!mayChange && step.action !== 'resend' && step.action !== 'enable') return null
  return (
    <Act disabled={!isFirst} run={() => runStep(step)}>
      {label}
    </Act>
  )
}

function runStep(step: Exclude<Mend, { action: 'grant' }>): Promise<unknown> {
  switch (step.action) {
    case 'resend':
      return resendDelivery(step.delivery)
    case 'enable':
      return enableSubscription(step.subscription)
    case 'resume':
      return steerCatchUp(step.subscription, 'resume')
    case 'rewind':
      return rewindSubscription(step.subscription, step.to)
    case 'change':
      return changeSubscription(step.subscription, step.change)
    default:
      return step satisfies never
  }
}
