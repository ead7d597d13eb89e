import type { StoredEvent } from '../core/event/event.ts'

/** A dialect's events as bytes that are ready for the wire, frame or line ends included. */
export interface StreamEncoding {
  readonly name: string
  /** The same bytes for every connection; undefined when the dialect has no name for the event's type. */
  encode(event: StoredEvent, offset: string): Buffer | undefined
}

/** Where a connection's bytes go. */
export interface StreamSink {
  /** Takes the bytes always. Calls back when they are with the operating system, or never if the connection ends before. */
  write(pieces: readonly Buffer[], taken: () => void): void
  /** Bytes taken and not yet handed to the operating system. */
  readonly bufferedBytes: number
  /** The log cannot be read: end the connection, so that its client resumes from its last offsets. */
  fail(error: unknown): void
}
