import { Tooltip } from '@mantine/core'
import { useSpeech } from '../text/language.tsx'
import { exactTime, relativeTime } from './time-text.ts'
import { useNow } from './use-now.ts'

/**
 * How long ago, or in how long; the exact time with its zone on hover and focus.
 *
 * @param isDue it is a plan: once its time has come, it is due now
 */
export function Moment({ at, isDue }: { at: string; isDue?: boolean }) {
  const { language } = useSpeech()
  const now = useNow()
  const difference = Date.parse(at) - now
  return (
    <Tooltip label={exactTime(at, language)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time shows on focus, as on hover */}
      <time dateTime={at} tabIndex={0}>
        {relativeTime(isDue ? Math.max(0, difference) : difference, language)}
      </time>
    </Tooltip>
  )
}

/** The time of day with milliseconds, where rows of one minute are told apart. */
export function ExactMoment({ at }: { at: string }) {
  const { language } = useSpeech()
  return <time dateTime={at}>{exactTime(at, language)}</time>
}
