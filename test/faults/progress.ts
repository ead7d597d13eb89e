const linesApart = 10

/** How far a fault is: one line that is rewritten on a terminal, else a line for each ten rounds. */
export class Progress {
  readonly #output: { readonly isTTY?: boolean; write(text: string): unknown }
  readonly #fault: string
  readonly #rounds: number

  constructor(output: { readonly isTTY?: boolean; write(text: string): unknown }, fault: string, rounds: number) {
    this.#output = output
    this.#fault = fault
    this.#rounds = rounds
    this.#rewrite(`${fault}: begins`)
  }

  readonly onRound = (done: number): void => {
    const text = `${this.#fault}: ${done} of ${this.#rounds} rounds`
    if (this.#output.isTTY) this.#rewrite(done < this.#rounds ? text : `${text}; its control`)
    else if (done % linesApart === 0) this.#output.write(`${text}\n`)
  }

  /** Leaves nothing behind on a terminal. */
  end(): void {
    this.#rewrite('')
  }

  #rewrite(text: string): void {
    if (this.#output.isTTY) this.#output.write(`\r\u001b[K${text}`)
  }
}
