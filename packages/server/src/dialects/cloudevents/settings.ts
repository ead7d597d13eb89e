import type { FieldError } from '../../core/errors.ts'
import type { Subscription } from '../../core/registry/registry.ts'

export const cloudEventsModes = ['binary', 'structured', 'batched'] as const
export type CloudEventsMode = (typeof cloudEventsModes)[number]

/** What this dialect keeps in `Subscription.settings`. */
export interface CloudEventsSettings {
  readonly mode: CloudEventsMode
  /** The name by which the receiver allowed deliveries (`handshake.ts`); null: it was not asked. */
  readonly origin: string | null
}

const isMode = (value: unknown): value is CloudEventsMode => (cloudEventsModes as readonly unknown[]).includes(value)

/**
 * Structured unless chosen otherwise, because there the signature covers all of the event. A
 * subscription with `batch` asked for batches (HTTP binding §1.3: never without being asked).
 */
export function cloudEventsSettings({
  settings,
  batch,
}: Pick<Subscription, 'settings' | 'batch'>): CloudEventsSettings {
  const chosen = isMode(settings.mode) ? settings.mode : 'structured'
  const origin = typeof settings.origin === 'string' ? settings.origin : null
  return { mode: batch ? 'batched' : chosen, origin }
}

/** The faults in the settings that a client gave; it chooses `mode` alone. */
export function checkCloudEventsSettings(given: Readonly<Record<string, unknown>>): readonly FieldError[] {
  const faults: FieldError[] = []
  for (const name of Object.keys(given)) {
    if (name !== 'mode') {
      const pointer = `/settings/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      faults.push({ pointer, code: 'unknown_field', detail: 'CloudEvents has one setting, `mode`.' })
    } else if (!isMode(given.mode)) {
      const detail = '`mode` must be "binary", "structured" or "batched".'
      faults.push({ pointer: '/settings/mode', code: 'invalid_value', detail })
    }
  }
  return faults
}
