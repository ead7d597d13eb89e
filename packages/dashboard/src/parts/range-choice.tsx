import { SegmentedControl } from '@mantine/core'
import { type Range, ranges } from '../api/series.ts'
import { useSpeech } from '../text/language.tsx'

export function RangeChoice({ value, onChange }: { value: Range; onChange: (range: Range) => void }) {
  const { t } = useSpeech()
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('range')}
      value={value}
      onChange={(chosen) => onChange(ranges.find((range) => range === chosen)!)}
      data={ranges.map((range) => ({ value: range, label: t(`range.${range}`) }))}
    />
  )
}
