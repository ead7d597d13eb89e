import type { Subscription } from '../../core/registry/registry.ts'

// 18 digits, like the ids of the contract. In steps of a million every id is exact as a double too,
// so a client that reads ids as numbers, against all advice, still loses no digit.
const first = 116_000_000_000_000_000n
const step = 1_000_000n

/** The id of a webhook: the one that it had elsewhere when it was imported, else made of its number. */
export function webhookIdOf({ number, settings }: Pick<Subscription, 'number' | 'settings'>): string {
  return typeof settings.webhookId === 'string' ? settings.webhookId : String(first + BigInt(number) * step)
}

/** The number of which `webhookIdOf` made the id; undefined: of none. */
export function numberOfWebhookId(id: string): number | undefined {
  if (!/^\d{17,18}$/.test(id)) return undefined
  const distance = BigInt(id) - first
  return distance > 0n && distance % step === 0n ? Number(distance / step) : undefined
}
