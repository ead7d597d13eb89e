import { RefusedError } from '../errors.ts'
import type { AcceptedEntry } from './accepted-events.ts'

/** What a failed try of a batch means for its events. */
export type FailedBatch =
  /** It says nothing about the events: the same batch is sent again. */
  | { readonly kind: 'later' }
  /** It is about some of the events, and does not say which: fewer are sent. */
  | { readonly kind: 'split' }
  /** These are refused for good; the others were not stored, and are sent again without them. */
  | { readonly kind: 'refused'; readonly entries: ReadonlyMap<AcceptedEntry, RefusedError> }

/** Statuses that are about what was sent, not about who sends it or when. */
const aboutEvents = new Set([400, 413, 422])

/** A batch is stored as a whole or not at all, so a fault of one event keeps all others out. */
export function judgeFailure(error: unknown, batch: readonly AcceptedEntry[]): FailedBatch {
  if (!(error instanceof RefusedError) || !aboutEvents.has(error.status)) return { kind: 'later' }
  const faults = new Map<AcceptedEntry, RefusedError['errors'][number][]>()
  for (const { pointer, ...fault } of error.errors) {
    // `/3/tenantId`: the fourth event of the array.
    const [, index, rest] = /^\/(\d+)(\/.*)?$/.exec(pointer) ?? []
    const entry = index === undefined ? undefined : batch[Number(index)]
    if (!entry) continue
    const known = faults.get(entry) ?? []
    known.push({ ...fault, pointer: rest ?? '' })
    faults.set(entry, known)
  }
  if (faults.size === 0 && batch.length > 1) return { kind: 'split' }
  if (faults.size === 0) return { kind: 'refused', entries: new Map([[batch[0]!, error]]) }
  return { kind: 'refused', entries: new Map([...faults].map(([entry, errors]) => [entry, refusalOf(error, errors)])) }
}

function refusalOf(error: RefusedError, errors: RefusedError['errors']): RefusedError {
  const causes = errors.map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`))
  return new RefusedError(error.status, { code: error.code, message: causes.join('; '), errors })
}
