import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { bodiesQuery } from '../../api/body.ts'
import type { Delivery } from '../../api/delivery.ts'
import { digitsOf } from '../../api/exact-json.ts'
import { subscriptionQuery } from '../../api/subscription.ts'
import { ForeignText } from '../../parts/foreign.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { Empty, Failure, Loading } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import { curlOf } from './curl.ts'
import { HeaderList } from './header-list.tsx'

/** What the subscription's dialect says of the event. The signature is made anew for each attempt, so none is shown. */
export function Request({ delivery }: { delivery: Delivery }) {
  const { t } = useSpeech()
  const { copy, copied } = useClipboard()
  const { event, subscription: id } = delivery
  const subscription = useQuery({ ...subscriptionQuery(id ?? ''), enabled: id !== null })
  const bodies = useQuery({
    ...bodiesQuery({ id: event.id ?? '', tenant: digitsOf(event.tenantId) }),
    enabled: event.id !== null,
  })
  if (event.id === null || id === null)
    return (
      <Section title={t('delivery.request')}>
        <Empty title={t('delivery.gone')} />
      </Section>
    )
  const body = bodies.data?.items.find(({ dialect }) => dialect === subscription.data?.dialect)
  const url = subscription.data?.endpoint.url
  const request = body && url !== undefined ? { method: 'POST', url, headers: body.headers, body: body.body } : null
  return (
    <Section
      title={t('delivery.request')}
      actions={
        request && <Button onClick={() => copy(curlOf(request))}>{copied ? t('copy.done') : t('delivery.curl')}</Button>
      }
    >
      {(bodies.isPending || subscription.isPending) && <Loading rows={4} />}
      {bodies.isError && <Failure error={bodies.error} />}
      {request && (
        <>
          <HeaderList headers={request.headers} />
          <ForeignText text={request.body ?? ''} label={t('delivery.request')} />
        </>
      )}
    </Section>
  )
}
