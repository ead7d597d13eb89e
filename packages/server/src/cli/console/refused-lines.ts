import { accessSync, closeSync, constants, openSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemWords } from '../../core/text/system-words.ts'
import { UsageError } from './usage-error.ts'

/** The file for lines that were refused. It is made with the first of them. */
export class RefusedLines {
  readonly #path: string
  #descriptor: number | undefined

  /** @throws UsageError when the file could not be made: that is known before the first event is published. */
  constructor(path: string) {
    this.#path = path
    const kept = statSync(path, { throwIfNoEntry: false })
    if (kept?.isDirectory()) throw new UsageError(`--failed ${path} is a directory: give a file`)
    try {
      accessSync(kept ? path : dirname(path), constants.W_OK)
    } catch (error) {
      throw new UsageError(`--failed ${path} cannot be written: ${systemWords(error)}`)
    }
  }

  /** @throws UsageError when the disk does not take it */
  add(line: Uint8Array): void {
    try {
      this.#descriptor ??= openSync(this.#path, 'w')
      writeSync(this.#descriptor, Buffer.concat([line, Buffer.from('\n')]))
    } catch (error) {
      throw new UsageError(`--failed ${this.#path} cannot be written: ${systemWords(error)}`)
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}
