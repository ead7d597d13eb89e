/** What there is, for whoever does not need to load it; `dialects/dialects.ts` has the dialects themselves. */
export const dialectNames = [
  'standard',
  'cloudevents',
  'moneybird',
  'tripletex',
  'fortnox',
  'visma-business-nxt',
  'fakturownia',
] as const

export type DialectName = (typeof dialectNames)[number]

/** Those that only streams speak. */
export const streamDialectNames: readonly DialectName[] = ['fortnox']
