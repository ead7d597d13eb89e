import { useSpeech } from '../text/language.tsx'
import style from './calendar.module.css'

interface Props {
  /** How many days back one may choose; today is the last. */
  readonly days: number
  readonly value: Date
  readonly onChange: (day: Date) => void
}

/** The days that the log still keeps, in weeks. */
export function Calendar({ days, value, onChange }: Props) {
  const { t, language } = useSpeech()
  const today = new Date()
  const first = new Date(today.getFullYear(), today.getMonth(), today.getDate() - days)
  // Weeks begin on Monday, as everywhere that the pages' languages are spoken.
  const lead = (first.getDay() + 6) % 7
  const shown = Array.from({ length: days + 1 }, (_, back) => {
    return new Date(first.getFullYear(), first.getMonth(), first.getDate() + back)
  })
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'short' })
  const full = new Intl.DateTimeFormat(language, { dateStyle: 'full' })
  const number = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'numeric' })
  return (
    <fieldset className={style.calendar}>
      <legend className="unseen">{t('rewind.day')}</legend>
      {Array.from({ length: 7 }, (_, day) => new Date(2024, 0, 1 + day)).map((day) => (
        <span key={day.getDay()} className={style.weekday} aria-hidden="true">
          {weekday.format(day)}
        </span>
      ))}
      {shown.map((day, at) => (
        <button
          key={day.toDateString()}
          type="button"
          className={style.day}
          data-column={at === 0 ? lead + 1 : undefined}
          aria-label={full.format(day)}
          aria-pressed={day.toDateString() === value.toDateString()}
          onClick={() => onChange(day)}
        >
          {number.format(day)}
        </button>
      ))}
    </fieldset>
  )
}
