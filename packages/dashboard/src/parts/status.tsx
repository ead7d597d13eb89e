import { Icon, type IconName } from './icon.tsx'
import style from './status.module.css'

export type Tone = 'good' | 'bad' | 'warn' | 'quiet'

/** A status is told by colour, shape and word. */
export function Status({ tone, icon, children }: { tone: Tone; icon?: IconName; children: React.ReactNode }) {
  const shapes: Record<Tone, IconName> = { good: 'check', bad: 'cross', warn: 'warning', quiet: 'circle' }
  return (
    <span className={style.status} data-tone={tone}>
      <Icon name={icon ?? shapes[tone]} />
      <span>{children}</span>
    </span>
  )
}
