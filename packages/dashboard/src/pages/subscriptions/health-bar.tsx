import { useQuery } from '@tanstack/react-query'
import { seriesQuery } from '../../api/series.ts'
import { useSpeech } from '../../text/language.tsx'
import style from './health-bar.module.css'

/** The deliveries of the last hour: how many were accepted, how many were not. Without any there is no bar. */
export function HealthBar({ id }: { id: string }) {
  const { t } = useSpeech()
  const question = { metric: 'deliveries', subscription: id, range: '1h' } as const
  const delivered = useQuery(seriesQuery({ ...question, outcome: 'delivered' }))
  const failed = useQuery(seriesQuery({ ...question, outcome: 'failed' }))
  const good = sum(delivered.data?.points)
  const bad = sum(failed.data?.points)
  if (good + bad === 0) return null
  const label = t('subscription.health', { good, bad })
  return (
    <svg className={style.bar} viewBox="0 0 80 6" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <rect className={style.good} width={(80 * good) / (good + bad)} height="6" />
      <rect className={style.bad} x={(80 * good) / (good + bad)} width={(80 * bad) / (good + bad)} height="6" />
    </svg>
  )
}

function sum(points: readonly (number | null)[] = []): number {
  return points.reduce<number>((total, point) => total + (point ?? 0), 0)
}
