import type { StoredEvent } from '../core/event.ts'

/** A dialect's events as bytes that are ready for the wire, frame or line ends included. */
export interface StreamEncoding {
  readonly name: string
  /** The same bytes for every connection; undefined when the dialect has no name for the event's type. */
  encode(event: StoredEvent, offset: string): Buffer | undefined
}

/** Where a connection's bytes go. */
export interface StreamSink {
  /** Takes the bytes always. False: they did not go out at once, so hold back until `onDrain` calls. */
  write(bytes: Buffer): boolean
  /** Bytes taken and not yet handed to the operating system. */
  readonly bufferedBytes: number
  /** Calls back whenever the buffer has emptied after a `write` that returned false. There may be several listeners. */
  onDrain(resume: () => void): void
  /** The log cannot be read: end the connection, so that its client resumes from its last offsets. */
  fail(error: unknown): void
}
