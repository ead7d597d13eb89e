/** An event as one dialect would send it. */
export interface EventBody {
  readonly dialect: string
  /** The type's name there. */
  readonly name: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | null
}

/** An event that never was, as a dialect's own system would raise and send it. */
export interface EventSample extends EventBody {
  /** The event as one would publish it: JSON text. */
  readonly event: string
}
