import { AppError } from '../core/errors.ts'
import { onlyPartition } from '../core/event/partition.ts'
import { decodeOffset } from '../core/ids/offset.ts'
import { pointerTo } from '../core/json/json-pointer.ts'
import type { StartDraft } from '../core/subscription/subscription-draft.ts'
import { parseRfc3339 } from '../core/time/time.ts'
import type { EventLog } from '../log/event-log.ts'

/** Where reading begins, in the log's own terms. */
export interface StartPlace {
  readonly mode: 'shared' | 'own'
  readonly position: number
  readonly topicFloors: Readonly<Record<string, number>> | null
}

/**
 * Where a start lies in the log. A topic that `offsets` does not name begins now.
 * @param pointer to the start in what the client sent
 * @throws AppError `invalid_request` naming the time or offset that cannot be used
 */
export async function startPlace(
  start: StartDraft,
  pointer: string,
  log: EventLog,
  topics: readonly string[],
): Promise<StartPlace> {
  await log.refresh()
  const { earliest, latest } = log.bounds(onlyPartition)
  if (start === 'now') return { mode: 'shared', position: latest, topicFloors: null }
  if (start === 'earliest') return { mode: 'own', position: earliest, topicFloors: null }
  if ('time' in start) {
    const time = parseRfc3339(start.time)
    if (!time) throw refusal(pointerTo(pointer, 'time'), 'The time must be RFC 3339, as 2026-01-31T12:00:00Z.')
    return { mode: 'own', position: await log.positionBefore(onlyPartition, time.epochMs), topicFloors: null }
  }
  const floors: Record<string, number> = Object.create(null)
  for (const [topic, token] of Object.entries(start.offsets)) {
    const place = pointerTo(pointerTo(pointer, 'offsets'), topic)
    if (!topics.includes(topic)) throw refusal(place, 'There is no such topic.')
    const decoded = decodeOffset(token, { epoch: log.epoch, topic, knownTopics: topics })
    if (decoded.kind !== 'position') throw refusal(place, `The offset cannot be used: ${decoded.kind}.`)
    if (decoded.position > latest) throw refusal(place, 'The offset is beyond the end of the log.')
    floors[topic] = Math.max(decoded.position, earliest)
  }
  const positions = Object.values(floors)
  if (positions.length === 0) return { mode: 'shared', position: latest, topicFloors: null }
  return { mode: 'own', position: Math.min(...positions, latest), topicFloors: { ...floors, '*': latest } }
}

/** The places of starts in one log, over the topics that there are. */
export class StartPlaces {
  readonly #log: EventLog
  readonly #topics: () => readonly string[]

  constructor(log: EventLog, topics: () => readonly string[]) {
    this.#log = log
    this.#topics = topics
  }

  placeOf(start: StartDraft, pointer: string): Promise<StartPlace> {
    return startPlace(start, pointer, this.#log, this.#topics())
  }
}

function refusal(pointer: string, detail: string): AppError {
  return new AppError('invalid_request', detail, { errors: [{ pointer, code: 'invalid', detail }] })
}
