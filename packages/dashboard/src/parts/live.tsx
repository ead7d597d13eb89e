import { useSpeech } from '../text/language.tsx'
import { Status } from './status.tsx'
import { relativeTime } from './time-text.ts'
import { useNow } from './use-now.ts'

/** When the server was last heard from: "live" is no decoration. */
export function Live({ atMs, isFailing }: { atMs: number; isFailing: boolean }) {
  const { t, language } = useSpeech()
  const now = useNow()
  if (isFailing) return <Status tone="bad">{t('live.lost')}</Status>
  if (atMs === 0) return null
  return (
    <Status tone="good" icon="circle">
      {t('live.heard', { when: relativeTime(Math.min(0, atMs - now), language) })}
    </Status>
  )
}
