import { useQuery } from '@tanstack/react-query'
import { ask, type Page } from '../../api/http.ts'
import { Failure, Loading } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import { VismaSubscriptions } from './visma-subscriptions.tsx'
import type { Target } from './visma-target.ts'
import { VismaTargets } from './visma-targets.tsx'

/** Targets, and what is sent to each. */
export function VismaSettings({ token }: { token: string }) {
  const { t } = useSpeech()
  const targets = useQuery({
    queryKey: ['visma', token, 'targets'],
    queryFn: ({ signal }) => ask<Page<Target>>('GET', '/visma-nxt/v1/webhook-targets', { token, signal }),
  })
  if (targets.isPending) return <Loading rows={3} />
  if (targets.isError) return <Failure error={targets.error} />
  return (
    <>
      <VismaTargets token={token} targets={targets.data.items} title={t('settings.targets')} />
      <VismaSubscriptions token={token} targets={targets.data.items} />
    </>
  )
}
