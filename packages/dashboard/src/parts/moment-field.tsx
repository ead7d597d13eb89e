import { FilterField } from './filter-bar.tsx'

interface Props {
  readonly label: string
  /** RFC 3339, as it stands in the address. */
  readonly value: string | undefined
  readonly onSettle: (value: string | undefined) => void
}

/** A filter by time: told in the time of whoever looks, and in the address as a moment that is the same for all. */
export function MomentField({ label, value, onSettle }: Props) {
  return (
    <FilterField
      label={label}
      type="datetime-local"
      value={localText(value)}
      onSettle={(text) => onSettle(text && new Date(text).toISOString())}
    />
  )
}

/** As the field writes it: `2026-12-01T13:30`, in the browser's zone. */
function localText(value: string | undefined): string | undefined {
  const date = new Date(value ?? '')
  if (Number.isNaN(date.getTime())) return undefined
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
