import type { FieldError } from '../../core/errors.ts'
import { pointerTo } from '../../core/json/json-pointer.ts'
import { longestDelaySeconds, mostRetries, retryKinds } from './policy.ts'

/** The faults in the settings that a client gave natively; it chooses `retryPolicy` alone. */
export function checkNxtSettings(given: Readonly<Record<string, unknown>>): readonly FieldError[] {
  return Object.entries(given).flatMap(([name, value]) =>
    name === 'retryPolicy'
      ? retryPolicyFaults(value, '/settings/retryPolicy')
      : [
          {
            pointer: pointerTo('/settings', name),
            code: 'unknown_field',
            detail: 'Visma Business NXT has one setting, `retryPolicy`.',
          },
        ],
  )
}

function retryPolicyFaults(value: unknown, pointer: string): FieldError[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ pointer, code: 'invalid_type', detail: 'must be `{kind, attempts, intervalSeconds}`.' }]
  }
  return Object.entries(value).flatMap(([name, part]): FieldError[] => {
    const at = pointerTo(pointer, name)
    const whole = (least: number, most: number): FieldError[] =>
      Number.isInteger(part) && (part as number) >= least && (part as number) <= most
        ? []
        : [{ pointer: at, code: 'out_of_range', detail: `must be a whole number from ${least} to ${most}.` }]
    switch (name) {
      case 'kind':
        if ((retryKinds as readonly unknown[]).includes(part)) return []
        return [{ pointer: at, code: 'invalid_value', detail: `must be one of ${retryKinds.join(', ')}.` }]
      case 'attempts':
        return whole(0, mostRetries)
      case 'intervalSeconds':
        return whole(1, longestDelaySeconds)
      default:
        return [{ pointer: at, code: 'unknown_field', detail: 'There is no such part of a retry policy.' }]
    }
  })
}
