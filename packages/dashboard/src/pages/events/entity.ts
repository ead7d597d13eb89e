import type { TidingsEvent } from '../../api/event.ts'

/** The entity's id, or its composite key. */
export function entityOf({ entityId, keys }: Pick<TidingsEvent, 'entityId' | 'keys'>): string {
  return entityId ?? JSON.stringify(keys ?? [])
}
