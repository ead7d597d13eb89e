import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CheckpointStore } from './checkpoint-store.ts'

/**
 * A file for each reader, in a directory that is made when it is not there. A position is written beside the old one,
 * synced, and put in its place by a rename: a crash leaves the old one or the new one. Node only.
 */
export class FileCheckpointStore implements CheckpointStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** @throws Error of the system, and one that says which file is empty: a disk lost it, and nothing is guessed. */
  async load(name: string): Promise<string | undefined> {
    const file = this.#fileOf(name)
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return undefined
      throw error
    }
    if (text.trim() !== '') return text.trim()
    throw new Error(`${file} is empty. Delete it to begin where the reader begins without a checkpoint.`)
  }

  async save(name: string, position: string): Promise<void> {
    const file = this.#fileOf(name)
    await mkdir(dirname(file), { recursive: true })
    const written = await open(`${file}.next`, 'w')
    try {
      await written.writeFile(`${position}\n`)
      await written.sync()
    } finally {
      await written.close()
    }
    await rename(`${file}.next`, file)
    await syncDirectory(dirname(file))
  }

  #fileOf(name: string): string {
    return join(this.#directory, `${encodeURIComponent(name)}.checkpoint`)
  }
}

/** The rename itself is safe once the directory is. Windows syncs no directories. */
async function syncDirectory(path: string): Promise<void> {
  if (globalThis.process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
