/** An event as one dialect would send it. */
export interface EventBody {
  readonly dialect: string
  /** The type's name there. */
  readonly name: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | null
}
