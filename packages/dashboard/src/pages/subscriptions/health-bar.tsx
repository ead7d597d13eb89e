import type { Health } from '../../api/series.ts'
import { useSpeech } from '../../text/language.tsx'
import style from './health-bar.module.css'

/** The attempts of the last hour: how many were accepted, how many were not. Without any there is no bar. */
export function HealthBar({ health }: { health: Health | undefined }) {
  const { t } = useSpeech()
  const good = health?.delivered ?? 0
  const bad = (health?.waiting ?? 0) + (health?.failed ?? 0)
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
