import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { eventQuery } from '../../api/event.ts'
import { digitsOf } from '../../api/exact-json.ts'
import { Copy } from '../../parts/copy.tsx'
import { DeliveryTable } from '../../parts/delivery-table.tsx'
import { Foreign } from '../../parts/foreign.tsx'
import { ExactMoment } from '../../parts/moment.tsx'
import { PageFailure } from '../../parts/page-failure.tsx'
import { PageFrame, Section } from '../../parts/page-frame.tsx'
import { Loading } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import { entityOf } from '../events/entity.ts'
import { Bodies } from './bodies.tsx'
import { WhoGotIt } from './who-got-it.tsx'

const route = getRouteApi('/events/$id')

/** Who got it, who did not, and why? */
export function EventPage() {
  const { t } = useSpeech()
  const { id } = route.useParams()
  const { tenant } = route.useSearch()
  const event = useQuery({ ...eventQuery({ id, tenant }), refetchInterval: 5_000 })
  if (event.isPending) return <Loading />
  if (event.isError) return <PageFailure error={event.error} retry={() => void event.refetch()} />
  const { type, topic, offset, timestamp, tenantId, actor, deliveries } = event.data
  const entity = entityOf(event.data)
  return (
    <PageFrame
      title={`${type} ${entity}`}
      heading={
        <>
          {type} <Foreign>{entity}</Foreign>
        </>
      }
      aside={
        <>
          <ExactMoment at={timestamp} />
          <span>
            {t('column.tenant')} {digitsOf(tenantId)}
          </span>
          <span>
            {topic} @ <code>{offset}</code> <Copy text={`${topic}:${offset}`} />
          </span>
          <span>
            <code>
              <Foreign>{event.data.id}</Foreign>
            </code>{' '}
            <Copy text={event.data.id} />
          </span>
          {actor && <Foreign>{actor}</Foreign>}
        </>
      }
    >
      <Section title={t('event.whoGotIt')}>
        <WhoGotIt event={{ id, tenant }} />
      </Section>
      <Bodies event={event.data} />
      {deliveries.length > 0 && (
        <Section title={t('nav.deliveries')}>
          <DeliveryTable rows={deliveries} />
        </Section>
      )}
    </PageFrame>
  )
}
