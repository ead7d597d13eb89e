import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { rangeOf, seriesQuery } from '../../api/series.ts'
import { Chart } from '../../parts/chart.tsx'
import { Section } from '../../parts/page-frame.tsx'
import { RangeChoice } from '../../parts/range-choice.tsx'
import { Failure, Loading } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'

const route = getRouteApi('/subscriptions/$id')

/** Its deliveries over time. */
export function Course({ id }: { id: string }) {
  const { t } = useSpeech()
  const range = rangeOf(route.useSearch().range)
  const navigate = route.useNavigate()
  const question = { metric: 'deliveries', subscription: id, range }
  const delivered = useQuery(seriesQuery({ ...question, outcome: 'delivered' }))
  const waiting = useQuery(seriesQuery({ ...question, outcome: 'waiting' }))
  const failed = useQuery(seriesQuery({ ...question, outcome: 'failed' }))
  return (
    <Section
      title={t('subscription.course')}
      actions={
        <RangeChoice
          value={range}
          onChange={(chosen) => void navigate({ search: (old) => ({ ...old, range: chosen }), replace: true })}
        />
      }
    >
      {delivered.isPending && <Loading rows={3} />}
      {delivered.isError && <Failure error={delivered.error} />}
      {delivered.data && waiting.data && failed.data && (
        <Chart
          label={t('subscription.course')}
          lines={[
            { name: t('delivery.status.delivered'), series: delivered.data, color: '--good' },
            { name: t('delivery.status.waiting'), series: waiting.data, color: '--warn' },
            { name: t('delivery.status.failed'), series: failed.data, color: '--bad' },
          ]}
        />
      )}
    </Section>
  )
}
