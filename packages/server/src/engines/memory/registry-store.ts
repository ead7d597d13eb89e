import { AppError } from '../../core/errors.ts'
import type { RegistryCommit, RegistryRecord, RegistryStore, RegistryWrite } from '../../registry/registry-store.ts'

interface Stored {
  readonly record: RegistryRecord
  readonly uniqueKey: string | undefined
}

/** The model of the registry. Values are copied, as every real store does. */
export function makeMemoryRegistryStore(): RegistryStore {
  const listeners = new Set<() => void>()
  let records = new Map<string, Stored>()
  let revision = 0
  let lastNumber = 0
  let isClosed = false

  function requireOpen(): void {
    if (isClosed) throw new AppError('shutting_down', 'the store is closed')
  }

  function refusal(write: RegistryWrite, draft: ReadonlyMap<string, Stored>): 'revision' | 'unique' | undefined {
    const found = draft.get(nameOf(write))
    const current = found && found.record.value !== null ? found.record.revision : 0
    if (write.ifRevision !== undefined && write.ifRevision !== current) return 'revision'
    if (write.value === null || write.uniqueKey === undefined) return undefined
    const isHeld = [...draft.values()].some(
      ({ record, uniqueKey }) =>
        record.kind === write.kind && record.id !== write.id && record.value !== null && uniqueKey === write.uniqueKey,
    )
    return isHeld ? 'unique' : undefined
  }

  function commit(writes: readonly RegistryWrite[]): RegistryCommit {
    const draft = new Map(records)
    for (const [index, write] of writes.entries()) {
      const reason = refusal(write, draft)
      if (reason) return { kind: 'refused', index, reason }
      const found = draft.get(nameOf(write))
      if (write.value === null && (!found || found.record.value === null)) continue
      const value = write.value === null ? null : structuredClone(write.value)
      const record = { kind: write.kind, id: write.id, revision: revision + 1, value } as RegistryRecord
      draft.set(nameOf(write), { record, uniqueKey: write.uniqueKey })
    }
    records = draft
    revision += 1
    return { kind: 'committed', revision }
  }

  return {
    async commit(writes) {
      requireOpen()
      const result = commit(writes)
      if (result.kind === 'committed') for (const wake of listeners) wake()
      return result
    },
    async changesAfter(after, limit) {
      requireOpen()
      const changed = [...records.values()]
        .map(({ record }) => record)
        .filter((record) => (after === 0 ? record.value !== null : record.revision > after))
        .sort(byRevision)
      if (changed.length <= limit) return { records: changed, revision, hasMore: false }
      // Not in the middle of a commit: before it, or after it where the page would be empty otherwise.
      const last = changed[limit]!.revision
      const before = changed.filter((record) => record.revision < last)
      const page = before.length > 0 ? before : changed.filter((record) => record.revision === last)
      const hasMore = page.length < changed.length
      return { records: page, revision: hasMore ? page.at(-1)!.revision : revision, hasMore }
    },
    async nextNumber() {
      requireOpen()
      lastNumber += 1
      return lastNumber
    },
    onChanged(wake) {
      listeners.add(wake)
      return () => listeners.delete(wake)
    },
    async close() {
      isClosed = true
      listeners.clear()
    },
  }
}

function nameOf({ kind, id }: { kind: string; id: string }): string {
  return `${kind}/${id}`
}

function byRevision(a: RegistryRecord, b: RegistryRecord): number {
  const [left, right] = [nameOf(a), nameOf(b)]
  return a.revision - b.revision || (left < right ? -1 : left > right ? 1 : 0)
}
