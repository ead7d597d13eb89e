import { Link } from '@tanstack/react-router'
import type { Attempt } from '../../api/delivery.ts'
import { ErrorWord } from '../../parts/error-word.tsx'
import { ExactMoment } from '../../parts/moment.tsx'
import { Status } from '../../parts/status.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { durationText } from '../../parts/time-text.ts'
import { useSpeech } from '../../text/language.tsx'
import { TimingBar } from './timing-bar.tsx'

interface Props {
  readonly delivery: string
  readonly attempts: readonly Attempt[]
  readonly chosen: number | undefined
}

export function AttemptTable({ delivery, attempts, chosen }: Props) {
  const { t, language } = useSpeech()
  const columns: readonly Column<Attempt>[] = [
    {
      heading: t('delivery.attempt'),
      cell: ({ attempt }) => (
        <Link
          to="/deliveries/$id"
          params={{ id: delivery }}
          search={{ attempt: String(attempt) }}
          replace
          aria-current={attempt === chosen ? 'true' : undefined}
        >
          {attempt}
        </Link>
      ),
    },
    { heading: t('column.when'), cell: ({ at }) => <ExactMoment at={at} /> },
    {
      heading: t('column.status'),
      cell: ({ status, error }) => (
        <Status tone={error === null ? 'good' : 'bad'}>{status ?? t('delivery.noAnswer')}</Status>
      ),
    },
    { heading: t('column.error'), cell: ({ error }) => error && <ErrorWord error={error} /> },
    { heading: t('delivery.took'), isNumber: true, cell: ({ durationMs }) => durationText(durationMs, language) },
    { heading: t('delivery.timing'), isWide: true, cell: (attempt) => <TimingBar attempt={attempt} /> },
  ]
  return (
    <Table label={t('delivery.attempts')} columns={columns} rows={attempts} keyOf={({ attempt }) => String(attempt)} />
  )
}
