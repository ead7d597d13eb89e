import type { CheckpointStore } from './checkpoint-store.ts'

/** Lasts as long as the process: for tests, and where a new process may begin anew. */
export class MemoryCheckpointStore implements CheckpointStore {
  readonly #positions = new Map<string, string>()

  async load(name: string): Promise<string | undefined> {
    return this.#positions.get(name)
  }

  async save(name: string, position: string): Promise<void> {
    this.#positions.set(name, position)
  }
}
