import { byText, SortedList } from '../core/collection/sorted-list.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'

/** What is known of an open stream at this moment. */
export interface StreamFacts {
  /** For whom it is; none: for the application, or nobody yet. */
  readonly integrationIds: readonly string[]
  /** Null: all that the caller may see. */
  readonly tenantIds: readonly TenantId[] | null
  readonly topics: readonly string[]
  /** How far it has read; null: it follows nothing yet. */
  readonly position: number | null
  /** Taken for it, and not yet with the operating system. */
  readonly bufferedBytes: number
}

/** An open stream, as whoever looks after streams sees it. */
export interface ListedStream {
  /** `str_…` */
  readonly id: string
  readonly transport: 'websocket' | 'sse'
  readonly dialect: string
  readonly address: string
  readonly openedAtMs: number
  facts(): StreamFacts
  /** Ends it so that its client connects again and goes on where it was. */
  disconnect(): void
}

/** The streams of this process that are open, by id, which is by when they were opened. */
export class StreamList {
  readonly #byId = new Map<string, ListedStream>()
  readonly #ids = new SortedList<string>(byText)

  /** Returns what takes it from the list. */
  add(stream: ListedStream): () => void {
    this.#byId.set(stream.id, stream)
    this.#ids.add(stream.id)
    return () => {
      if (this.#byId.delete(stream.id)) this.#ids.delete(stream.id)
    }
  }

  get(id: string): ListedStream | undefined {
    return this.#byId.get(id)
  }

  page(after: string | undefined, limit: number): ListedStream[] {
    return this.#ids.after(after, limit).map((id) => this.#byId.get(id)!)
  }
}
