import { once } from 'node:events'
import { toJson } from '@tidings/client'
import { colourPaint, hasColours, type Paint, plainPaint } from './colour.ts'
import type { Failure } from './command-failure.ts'
import { type Column, tableLines } from './table.ts'
import { printable } from './text-width.ts'

const defaultWidth = 80
const gatherLength = 64 * 1024

export interface OutputOptions {
  readonly json?: boolean | undefined
  readonly color?: boolean | undefined
}

/**
 * Results go to standard output: JSON with `--json`, else tables and lines. Everything said beside
 * them goes to standard error, so that a pipe carries results alone.
 */
export class Output {
  readonly isJson: boolean
  /** For standard output. */
  readonly paint: Paint
  /** For standard error. */
  readonly notePaint: Paint

  #gathered = ''

  constructor(options: OutputOptions = {}) {
    this.isJson = options.json === true
    const paintFor = (stream: NodeJS.WriteStream) =>
      options.color !== false && hasColours(stream, process.env) ? colourPaint : plainPaint
    this.paint = paintFor(process.stdout)
    this.notePaint = paintFor(process.stderr)
  }

  /** What is piped goes to a program or a file: nothing is cut. */
  get isWhole(): boolean {
    return !process.stdout.isTTY
  }

  get #width(): number {
    return this.isWhole ? Number.POSITIVE_INFINITY : (process.stdout.columns ?? defaultWidth)
  }

  /** One JSON document on one line, or what `human` prints. */
  async result(value: unknown, human: () => void | Promise<void>): Promise<void> {
    if (this.isJson) await this.write(`${toJson(value)}\n`)
    else await human()
  }

  async list<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): Promise<void> {
    await this.result(rows, async () => {
      if (rows.length === 0) this.note(empty)
      else for (const line of tableLines(columns, rows, this.#width, this.paint)) await this.line(line)
    })
  }

  /** Names and values under each other; null and undefined are left out. */
  async fields(fields: Readonly<Record<string, unknown>>): Promise<void> {
    const shown = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)
    const width = Math.max(...shown.map(([name]) => name.length))
    for (const [name, value] of shown) {
      const text = printable(typeof value === 'string' ? value : toJson(value))
      await this.line(`${this.paint('dim', name.padEnd(width))}  ${text}`)
    }
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`)
  }

  /**
   * Gathers what is written at once: a system call for each of a hundred thousand lines would cost
   * more than making them. Waits while whoever reads standard output is slower.
   */
  async write(text: string): Promise<void> {
    if (this.#gathered === '') setImmediate(() => this.#flush())
    this.#gathered += text
    if (this.#gathered.length >= gatherLength && !this.#flush()) await once(process.stdout, 'drain')
  }

  note(text: string): void {
    this.#flush()
    process.stderr.write(`${text}\n`)
  }

  #flush(): boolean {
    const text = this.#gathered
    this.#gathered = ''
    return text === '' || process.stdout.write(text)
  }

  async failure(failure: Failure): Promise<void> {
    const { code, message, errors, hint } = failure
    if (this.isJson) await this.write(`${toJson({ error: { code, message, errors } })}\n`)
    this.note(`${this.notePaint('red', 'error:')} ${message} ${this.notePaint('dim', `[${code}]`)}`)
    for (const error of errors.slice(0, 20))
      this.note(`  ${printable(error.pointer || 'the whole')}: ${printable(error.detail)}`)
    if (errors.length > 20) this.note(`  and ${errors.length - 20} more`)
    if (hint) this.note(hint)
  }
}
