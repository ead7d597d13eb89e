import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'

/**
 * What the clients of a run wrote down, one JSON object a line, each process in a file of its own
 * (`*.jsonl` in one directory). The checker judges by these alone.
 */
export type JournalLine =
  | PublishedLine
  | TriedLine
  | AcknowledgedLine
  | ReaderLine
  | ReceivedLine
  | AttemptedLine
  | FaultLine

/** An event that a publisher means to publish. `entityId` is its mark: no two events of a run share one. */
export interface PublishedLine {
  readonly kind: 'published'
  readonly publisher: string
  /** Counts from 0 in each publisher, in the order of publishing. */
  readonly place: number
  readonly event: SentEvent
}

/** `attributes` and `data` are JSON text, as readers must get them: without white space, to the last digit. */
export interface SentEvent {
  readonly entityId: string
  readonly tenantId: number
  readonly topic: string
  readonly type: string
  /** The type's name on the Fortnox stream. */
  readonly streamName: string
  readonly time: string
  readonly id: string | null
  readonly version: string | null
  readonly attributes: string | null
  readonly data: string | null
}

/** One more try to publish the events of these places: they may have been stored by it, answered or not. */
export interface TriedLine {
  readonly kind: 'tried'
  readonly publisher: string
  readonly from: number
  readonly count: number
}

/** The answers for the events from place `from` on. */
export interface AcknowledgedLine {
  readonly kind: 'acknowledged'
  readonly publisher: string
  readonly from: number
  readonly events: readonly { readonly id: string; readonly offset: string; readonly duplicate: boolean }[]
}

/** `log` reads everything that is stored, at the end of the run; the others are an integration's. */
export type Way = 'log' | 'feed' | 'stream' | 'webhook'

export interface ReaderLine {
  readonly kind: 'reader'
  readonly reader: string
  readonly way: Way
  /** The tenants whose events are its to see; null: all. */
  readonly tenants: readonly number[] | null
}

/** A reader was sent this text, on its so many-th connection. */
export interface ReceivedLine {
  readonly kind: 'received'
  readonly reader: string
  readonly connection: number
  readonly text: string
}

/** A webhook reader was sent this text and answered with this status. */
export interface AttemptedLine {
  readonly kind: 'attempted'
  readonly reader: string
  /** The `webhook-id`. */
  readonly id: string
  /** The signature was right. */
  readonly isGenuine: boolean
  readonly status: number
  readonly text: string
}

export interface FaultLine {
  readonly kind: 'fault'
  readonly fault: string
  readonly acknowledged: number
  readonly delivered: number
}

/** Appends lines to a file of its own. The process that writes is never the one that is killed. */
export class Journal {
  readonly #file: WriteStream

  constructor(directory: string, name: string) {
    this.#file = createWriteStream(join(directory, `${name}.jsonl`), { highWaterMark: 1024 * 1024 })
  }

  write(line: JournalLine): void {
    this.#file.write(`${JSON.stringify(line)}\n`)
  }

  /** Resolves when every line is in the file. */
  close(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#file.end((error?: Error | null) => (error ? reject(error) : resolve())),
    )
  }
}
