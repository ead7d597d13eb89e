/**
 * How many attempts an endpoint may have under way: slow start from 2, doubling with each success
 * up to the subscription's own limit, down to 1 by a failure that held its slot for long (time-outs
 * are what makes a bad endpoint expensive for the others).
 */
export interface Allowance {
  readonly allowed: number
  readonly limit: number
}

export function newAllowance(limit: number): Allowance {
  return { allowed: Math.min(2, limit), limit }
}

export function grown(allowance: Allowance): Allowance {
  return allowance.allowed >= allowance.limit
    ? allowance
    : { ...allowance, allowed: Math.min(allowance.allowed * 2, allowance.limit) }
}

/** `heldMs`: how long the failed attempt held its slot. */
export function shrunk(allowance: Allowance, heldMs: number): Allowance {
  const allowed = heldMs >= 1_000 ? 1 : Math.max(1, Math.floor(allowance.allowed / 2))
  return allowed === allowance.allowed ? allowance : { ...allowance, allowed }
}
