import style from './sparkline.module.css'

/** The course of a number, without axes: the figure beside it tells the present. */
export function Sparkline({ points, label }: { points: readonly number[]; label: string }) {
  const highest = Math.max(...points, 1)
  const step = points.length > 1 ? 120 / (points.length - 1) : 120
  const line = points.map((value, at) => `${(at * step).toFixed(1)},${(26 - (value / highest) * 24).toFixed(1)}`)
  return (
    <svg className={style.line} viewBox="0 0 120 28" preserveAspectRatio="none" role="img" aria-label={label}>
      <polyline points={line.join(' ')} vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
