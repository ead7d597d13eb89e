/**
 * Where readers keep how far they are. Yours may be a table of your database.
 *
 * `save` resolves when the position is as safe as it has to be: after a crash `load` gives the last position whose
 * `save` resolved, or a later one that was being saved, and never half of one. A reader saves one position at a time.
 */
export interface CheckpointStore {
  /** Undefined: nothing was saved under this name. */
  load(name: string): Promise<string | undefined>
  save(name: string, position: string): Promise<void>
}

export interface CheckpointOptions {
  readonly store: CheckpointStore
  /** Of this reader, within the store: another reader has another name. */
  readonly name: string
  /** Events after which the position is saved at the latest; default 100. It is saved too whenever nothing waits. */
  readonly everyEvents?: number | undefined
  /** Milliseconds after which it is saved at the latest, while events come; default 1,000. */
  readonly everyMs?: number | undefined
}
