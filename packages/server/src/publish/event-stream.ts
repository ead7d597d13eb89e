import { AppError, type FieldError } from '../core/errors.ts'
import type { NewEvent } from '../core/event/event.ts'
import type { Line } from './line-splitter.ts'
import { type Publisher, reusedId } from './publisher.ts'

/** Lines of one append: large enough to share a commit, small enough to answer soon. */
const groupLines = 1_000

/** Publishes lines in their order and says of each what became of it, as soon as it is durable. */
export class EventStream {
  readonly #publisher: Publisher
  readonly #textOf: (bytes: Uint8Array) => string

  constructor(publisher: Publisher, textOf: (bytes: Uint8Array) => string) {
    this.#publisher = publisher
    this.#textOf = textOf
  }

  /** One result line of JSON for each line, in order. */
  async publish(lines: readonly Line[]): Promise<string> {
    let answer = ''
    for (let start = 0; start < lines.length; start += groupLines) {
      answer += await this.#publishGroup(lines.slice(start, start + groupLines))
    }
    return answer
  }

  async #publishGroup(lines: readonly Line[]): Promise<string> {
    const results: string[] = new Array(lines.length).fill('')
    const events: NewEvent[] = []
    const places: number[] = []
    for (const [index, line] of lines.entries()) {
      const read = this.#read(line)
      if (read.ok) {
        events.push(read.event)
        places.push(index)
      } else results[index] = errorLine('invalid_event', 'This line was not published.', read.errors)
    }
    await this.#append(events, places, results)
    return results.map((result) => `${result}\n`).join('')
  }

  #read(line: Line): ReturnType<Publisher['readLine']> {
    if (line.kind === 'too-long') return refused('too_large', 'An event may have 256 KiB.')
    try {
      return this.#publisher.readLine(this.#textOf(line.bytes))
    } catch (error) {
      if (error instanceof AppError) return refused(error.code, error.message)
      throw error
    }
  }

  async #append(events: readonly NewEvent[], places: readonly number[], results: string[]): Promise<void> {
    if (events.length === 0) return
    try {
      const result = await this.#publisher.append(events)
      if (result.kind === 'appended') {
        const published = this.#publisher.published(events, result)
        for (const [index, event] of published.entries()) results[places[index]!] = JSON.stringify(event)
        return
      }
      // One line's fault stops no other: the rest is appended without those.
      const reused = new Set(result.indexes)
      for (const index of reused) {
        results[places[index]!] = errorLine('id_reused', 'This line was not published.', [reusedId('')])
      }
      const isLeft = (_: unknown, index: number) => !reused.has(index)
      await this.#append(events.filter(isLeft), places.filter(isLeft), results)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      for (const place of places) results[place] = errorLine(error.code, error.message, [])
    }
  }
}

function refused(code: string, detail: string): ReturnType<Publisher['readLine']> {
  return { ok: false, errors: [{ pointer: '', code, detail }] }
}

export function errorLine(code: string, detail: string, errors: readonly FieldError[]): string {
  return JSON.stringify({ error: { code, detail, ...(errors.length > 0 ? { errors } : {}) } })
}
