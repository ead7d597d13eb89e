import { useState } from 'react'
import { useSpeech } from '../text/language.tsx'
import style from './foreign.module.css'

/**
 * Text that a receiver, a publisher or an integrator wrote: never markup, never a link, and its direction of writing
 * ends with it.
 */
export function Foreign({ children }: { children: string }) {
  return <bdi className={style.foreign}>{children}</bdi>
}

const shownLength = 2_000

/** A longer one, as a body: its beginning, until all of it is asked for. */
export function ForeignText({ text, label }: { text: string; label: string }) {
  const { t } = useSpeech()
  const [isWhole, setWhole] = useState(false)
  const isCut = !isWhole && text.length > shownLength
  return (
    <div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
      <figure className={style.text} tabIndex={0} aria-label={label}>
        <pre>
          <bdi>{isCut ? text.slice(0, shownLength) : text}</bdi>
        </pre>
      </figure>
      {isCut && (
        <button type="button" className={style.more} onClick={() => setWhole(true)}>
          {t('showAll', { count: text.length })}
        </button>
      )}
    </div>
  )
}
