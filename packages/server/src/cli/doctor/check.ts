/** A check that found nothing wrong. */
export interface Sound {
  readonly name: string
  readonly status: 'ok'
  readonly detail: string
}

/** `warn`: this works, but not well or not for long. `fail`: it does not work. */
export interface Trouble {
  readonly name: string
  readonly status: 'warn' | 'fail'
  /** What is wrong. */
  readonly detail: string
  /** Why it matters. */
  readonly why: string
  /** What to do about it, with the command where there is one. */
  readonly advice: string
}

export type Check = Sound | Trouble

export function ok(name: string, detail: string): Sound {
  return { name, status: 'ok', detail }
}

export function warn(name: string, detail: string, then: { readonly why: string; readonly advice: string }): Trouble {
  return { name, status: 'warn', detail, ...then }
}

export function fail(name: string, detail: string, then: { readonly why: string; readonly advice: string }): Trouble {
  return { name, status: 'fail', detail, ...then }
}
