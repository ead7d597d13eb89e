/** Why an event did or did not arrive at a subscription. */
export const reasons = [
  'delivered',
  'waiting',
  'failed',
  'superseded',
  'not_granted',
  'type_not_subscribed',
  'not_in_dialect',
  'filtered',
  'quiet',
  'before_start',
  'disabled',
  'skipped',
  'expired',
] as const
export type Reason = (typeof reasons)[number]

/** Whether the event belongs to the subscription, by everything that the subscription asks for and is granted. */
export const isDue: Readonly<Record<Reason, boolean>> = {
  delivered: true,
  waiting: true,
  failed: true,
  superseded: true,
  disabled: true,
  skipped: true,
  not_granted: false,
  type_not_subscribed: false,
  not_in_dialect: false,
  filtered: false,
  quiet: false,
  before_start: false,
  expired: false,
}
