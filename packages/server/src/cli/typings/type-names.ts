/** Names of types in one file, each taken once. */
export class TakenNames {
  readonly #taken = new Set<string>()

  /** A name made of words, as `InvoiceUpdatedData`; with a number behind it when it is taken already. */
  take(...words: readonly string[]): string {
    const parts = words.flatMap((word) => word.split(/[^\p{ID_Continue}]+/u)).filter((part) => part !== '')
    const joined = parts.map((part) => part[0]!.toUpperCase() + part.slice(1)).join('')
    const base = /^\p{ID_Start}/u.test(joined) ? joined : `Type${joined}`
    let name = base
    for (let count = 2; this.#taken.has(name); count++) name = `${base}${count}`
    this.#taken.add(name)
    return name
  }
}
