import type { ReactNode } from 'react'
import type { Overview } from '../../api/overview.ts'
import type { Series } from '../../api/series.ts'
import { Sparkline } from '../../parts/sparkline.tsx'
import { durationText } from '../../parts/time-text.ts'
import { useSpeech } from '../../text/language.tsx'
import style from './figures.module.css'

type Known = Series | undefined

interface Props {
  readonly published: Known
  readonly delivered: Known
  readonly failed: Known
  readonly p50: Known
  readonly p99: Known
  readonly overview: Overview | undefined
}

/** The pulse of the chosen span, in numbers. */
export function Figures({ published, delivered, failed, p50, p99, overview }: Props) {
  const { t, language } = useSpeech()
  const number = new Intl.NumberFormat(language)
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const [good, bad] = [sum(delivered), sum(failed)]
  return (
    <div className={style.figures}>
      {published && (
        <Figure name={t('overview.published')} series={published}>
          {number.format(sum(published))}
        </Figure>
      )}
      <Figure name={t('overview.delivered')} series={delivered}>
        {delivered && number.format(good)}
      </Figure>
      <Figure name={t('overview.success')}>{good + bad > 0 ? percent.format(good / (good + bad)) : '–'}</Figure>
      <Figure name="p50" series={p50}>
        {lastOf(p50) === null ? '–' : durationText(lastOf(p50)!, language)}
      </Figure>
      <Figure name="p99" series={p99}>
        {lastOf(p99) === null ? '–' : durationText(lastOf(p99)!, language)}
      </Figure>
      <Figure name={t('delivery.status.waiting')}>
        {overview && `${number.format(overview.deliveries.waiting)}${overview.deliveries.isExact ? '' : '+'}`}
      </Figure>
      {typeof overview?.behind === 'number' && (
        <Figure name={t('subscription.behind')}>{number.format(overview.behind)}</Figure>
      )}
      {typeof overview?.streams === 'number' && (
        <Figure name={t('nav.streams')}>{number.format(overview.streams)}</Figure>
      )}
    </div>
  )
}

function Figure({ name, series, children }: { name: string; series?: Known; children: ReactNode }) {
  return (
    <div className={style.figure}>
      <span className="soft">{name}</span>
      <span className={style.value}>{children ?? '–'}</span>
      {series && <Sparkline label={name} points={series.points.map((point) => point ?? 0)} />}
    </div>
  )
}

function sum(series: Known): number {
  return series?.points.reduce<number>((total, point) => total + (point ?? 0), 0) ?? 0
}

function lastOf(series: Known): number | null {
  return series?.points.findLast((point) => point !== null) ?? null
}
