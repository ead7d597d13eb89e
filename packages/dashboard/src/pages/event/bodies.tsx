import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { bodiesQuery } from '../../api/body.ts'
import type { EventWithDeliveries } from '../../api/event.ts'
import { digitsOf } from '../../api/exact-json.ts'
import { Copy } from '../../parts/copy.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { TextTabs } from '../../parts/text-tabs.tsx'
import { useSpeech } from '../../text/language.tsx'

const route = getRouteApi('/events/$id')

/** The event's own text, and what each dialect makes of it. */
export function Bodies({ event }: { event: EventWithDeliveries }) {
  const { t } = useSpeech()
  const { body = 'event' } = route.useSearch()
  const navigate = route.useNavigate()
  const bodies = useQuery(bodiesQuery({ id: event.id, tenant: digitsOf(event.tenantId) }))
  const { deliveries: _deliveries, ...own } = event
  const all = [{ name: 'event', label: t('event.data'), text: JSON.stringify(own, null, 2) }].concat(
    (bodies.data?.items ?? []).map(({ dialect, body: text }) => ({ name: dialect, label: dialect, text: text ?? '' })),
  )
  const shown = all.find(({ name }) => name === body) ?? all[0]!
  return (
    <Section title={t('event.bodies')} actions={<Copy text={shown.text} />}>
      <TextTabs
        texts={all}
        shown={shown.name}
        onChange={(name) => void navigate({ search: (old) => ({ ...old, body: name }), replace: true })}
      />
    </Section>
  )
}
