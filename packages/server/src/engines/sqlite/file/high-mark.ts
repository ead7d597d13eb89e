import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'

const length = 32

/**
 * A small file beside a database that says how far its commits had come. SQLite takes a damaged page
 * of its write-ahead log for the log's end, and forgets in silence what was committed after it: then
 * this says more than the database has.
 *
 * It is written after each commit and never synced, which costs microseconds. After a power cut it
 * may so say less, but never more than was on disk.
 */
export class HighMark {
  readonly #descriptor: number | undefined
  #value: number

  constructor(file: string) {
    this.#descriptor = opened(file)
    this.#value = this.#descriptor === undefined ? 0 : read(this.#descriptor)
  }

  /** 0 when it is not known. */
  get value(): number {
    return this.#value
  }

  raise(value: number): void {
    if (value === this.#value || this.#descriptor === undefined) return
    this.#value = value
    const text = `${value} ${crc32(String(value))}`
    try {
      writeSync(this.#descriptor, text.padEnd(length), 0)
    } catch {
      // It says less than it could.
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
  }
}

function opened(file: string): number | undefined {
  for (const flags of ['r+', 'wx+']) {
    try {
      return openSync(file, flags, 0o600)
    } catch {
      // The next way, or without.
    }
  }
  return undefined
}

function read(descriptor: number): number {
  const bytes = Buffer.alloc(length)
  readSync(descriptor, bytes, 0, length, 0)
  const [value = '', checksum] = bytes.toString('latin1').trim().split(' ')
  return String(crc32(value)) === checksum ? Number(value) : 0
}
