import { useQueries, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { overviewQuery } from '../../api/overview.ts'
import { rangeOf, seriesQuery } from '../../api/series.ts'
import { useSession } from '../../app/session.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Live } from '../../parts/live.tsx'
import { PageFrame, Section } from '../../parts/page-frame.tsx'
import { RangeChoice } from '../../parts/range-choice.tsx'
import { Failure, Loading } from '../../parts/states.tsx'
import { useSpeech } from '../../text/language.tsx'
import { Attention } from './attention.tsx'
import { Figures } from './figures.tsx'

const route = getRouteApi('/')

/** Is anything wrong? */
export function OverviewPage() {
  const { t } = useSpeech()
  const { kind } = useSession()
  const range = rangeOf(route.useSearch().range)
  const navigate = route.useNavigate()
  const [published, delivered, waiting, failed, p50, p99] = useQueries({
    queries: [
      // How much is published is for the operator.
      { ...seriesQuery({ metric: 'published', range }), enabled: kind === 'operator' },
      seriesQuery({ metric: 'deliveries', outcome: 'delivered', range }),
      seriesQuery({ metric: 'deliveries', outcome: 'waiting', range }),
      seriesQuery({ metric: 'deliveries', outcome: 'failed', range }),
      seriesQuery({ metric: 'latency_p50', range }),
      seriesQuery({ metric: 'latency_p99', range }),
    ],
  })
  const overview = useQuery(overviewQuery())
  const failure = [published, delivered, failed].find((each) => each.isError)
  return (
    <PageFrame
      title={t('nav.overview')}
      actions={
        <>
          <RangeChoice
            value={range}
            onChange={(chosen) => void navigate({ search: { range: chosen }, replace: true })}
          />
          <Live atMs={overview.dataUpdatedAt} isFailing={overview.isError} />
        </>
      }
    >
      <Section title={t('overview.attention')}>
        {overview.isPending && <Loading rows={2} />}
        {overview.isError && <Failure error={overview.error} retry={() => void overview.refetch()} />}
        {overview.data && <Attention {...overview.data.attention} />}
      </Section>
      <Section title={t('overview.pulse')}>
        {failure?.error && <Failure error={failure.error} retry={() => void failure.refetch()} />}
        <Figures
          published={published.data}
          delivered={delivered.data}
          failed={failed.data}
          p50={p50.data}
          p99={p99.data}
          overview={overview.data}
        />
      </Section>
      {delivered.data && waiting.data && failed.data && (
        <Section title={t('nav.deliveries')}>
          <Chart
            label={t('nav.deliveries')}
            lines={[
              { name: t('delivery.status.delivered'), series: delivered.data, color: '--good' },
              { name: t('delivery.status.waiting'), series: waiting.data, color: '--warn' },
              { name: t('delivery.status.failed'), series: failed.data, color: '--bad' },
            ]}
          />
        </Section>
      )}
    </PageFrame>
  )
}
