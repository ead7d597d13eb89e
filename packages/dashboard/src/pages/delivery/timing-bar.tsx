import type { Attempt } from '../../api/delivery.ts'
import { durationText } from '../../parts/time-text.ts'
import { useSpeech } from '../../text/language.tsx'
import style from './timing-bar.module.css'

/** Where the time of an attempt went. Attempts over a kept connection have no DNS, connecting and TLS. */
export function TimingBar({ attempt: { timing, durationMs } }: { attempt: Attempt }) {
  const { t, language } = useSpeech()
  if (!timing) return null
  const parts = [
    ['dns', timing.dnsMs],
    ['connect', timing.connectMs],
    ['tls', timing.tlsMs],
    ['firstByte', timing.firstByteMs],
  ] as const
  const known = parts.flatMap(([name, ms]) => (ms == null ? [] : [{ name, ms }]))
  const total = Math.max(durationMs, 0.001)
  let x = 0
  return (
    <div className={style.timing}>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        {known.map(({ name, ms }) => {
          const width = (100 * ms) / total
          const part = <rect key={name} data-part={name} x={x} width={Math.max(width, 0.5)} height="6" />
          x += width
          return part
        })}
      </svg>
      <ul>
        {known.map(({ name, ms }) => (
          <li key={name} data-part={name}>
            {t(`timing.${name}`)} {durationText(ms, language)}
          </li>
        ))}
      </ul>
    </div>
  )
}
