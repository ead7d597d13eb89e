/**
 * Whether `lengthMs` have gone by since `beganAtMs`. A wall clock that stands before the beginning was set
 * back: then it is over at once, because waiting for the clock to come round again could take hours.
 */
export function hasElapsed(beganAtMs: number, lengthMs: number, nowMs: number): boolean {
  return nowMs < beganAtMs || nowMs - beganAtMs >= lengthMs
}
