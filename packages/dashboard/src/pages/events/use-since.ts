import { useState } from 'react'
import { exactTime } from '../../parts/time-text.ts'
import { useSpeech } from '../../text/language.tsx'

const minutes = { '15m': 15, '1h': 60, '24h': 1_440 } as const
type Span = keyof typeof minutes
const spans = Object.keys(minutes) as Span[]

/** How far back the list goes. It stands in the address as a moment, so that a link shows the same. */
export function useSince(given: string | undefined) {
  const { t, language } = useSpeech()
  const [chosen, setChosen] = useState<{ span: Span; since: string } | null>(null)
  const isKnown = given !== undefined && !Number.isNaN(Date.parse(given))
  const span = isKnown && chosen?.since === given ? chosen.span : ''
  return {
    choice: span === '' && isKnown ? given : span,
    choices: [
      { value: '', label: t('span.all') },
      ...(span === '' && isKnown ? [{ value: given, label: exactTime(given, language) }] : []),
      ...spans.map((value) => ({ value, label: t(`span.${value}`) })),
    ],
    sinceOf: (value: string): string | undefined => {
      const found = spans.find((each) => each === value)
      if (!found) return value || undefined
      const since = new Date(Date.now() - minutes[found] * 60_000).toISOString()
      setChosen({ span: found, since })
      return since
    },
  }
}
