import type { DeliverySearch } from '../api/delivery.ts'
import { useSpeech } from '../text/language.tsx'

const statuses = ['undelivered', 'waiting', 'failed', 'delivered', 'superseded'] as const

export function statusFilterOf(text: string | undefined): DeliverySearch['status'] {
  return statuses.find((status) => status === text)
}

export function useStatusChoices(): { value: string; label: string }[] {
  const { t } = useSpeech()
  return [{ value: '', label: t('all') }, ...statuses.map((value) => ({ value, label: t(`delivery.status.${value}`) }))]
}
