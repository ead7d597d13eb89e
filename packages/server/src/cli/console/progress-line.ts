import type { Output } from './output.ts'

const barWidth = 24
const redrawMs = 100
const clearLine = '\r\u001b[2K'

/**
 * A bar and a rate on one line of standard error, when that is a terminal; nothing otherwise, so
 * that logs stay readable.
 */
export class ProgressLine {
  readonly #isShown = process.stderr.isTTY === true && process.env.TERM !== 'dumb'
  readonly #out: Output
  readonly #total: number | undefined
  readonly #unit: string
  readonly #startedAt = performance.now()
  #count = 0
  #share: number | undefined
  #note = ''
  #drawnAt = Number.NEGATIVE_INFINITY

  constructor(out: Output, options: { total?: number | undefined; unit: string }) {
    this.#out = out
    this.#total = options.total
    this.#unit = options.unit
  }

  /** @param share how much of the whole that is, 0 to 1, when it is known otherwise than by count. */
  set(count: number, share?: number, note = ''): void {
    this.#count = count
    this.#share = share
    this.#note = note
    const now = performance.now()
    if (!this.#isShown || now - this.#drawnAt < redrawMs) return
    this.#drawnAt = now
    process.stderr.write(clearLine + this.#text())
  }

  /** Takes the line away, for something else to be written. */
  end(): void {
    if (this.#isShown) process.stderr.write(clearLine)
    this.#drawnAt = Number.NEGATIVE_INFINITY
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000
  }

  #text(): string {
    const share = this.#share ?? (this.#total ? Math.min(1, this.#count / this.#total) : undefined)
    const bar = share === undefined ? '' : `${barOf(share)} ${String(Math.floor(share * 100)).padStart(3)} %  `
    const rate = grouped(Math.round(this.#count / Math.max(0.001, this.seconds)))
    const note = this.#note && `  ${this.#out.notePaint('red', this.#note)}`
    return `${bar}${grouped(this.#count)} ${this.#unit}  ${rate}/s${note}`
  }
}

function barOf(share: number): string {
  const filled = Math.round(share * barWidth)
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled)
}

export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
