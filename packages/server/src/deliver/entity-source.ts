import { type EntityUrlTemplate, entityUrl } from '../core/address/entity-url.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import type { EntityAnswer, EntityFetch } from '../send/entity-fetch.ts'

/** Where the entities of one kind are asked for. */
export interface EntitySource {
  readonly template: EntityUrlTemplate
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** How long an answer serves other deliveries; 0: not at all. */
  readonly cacheMs: number
}

export interface EntitySourceDeps {
  /** By entity, the `invoice` of `invoice.updated`. */
  readonly sources: ReadonlyMap<string, EntitySource>
  readonly fetch: EntityFetch
  readonly clock: Pick<Clock, 'now'>
  /** Once for each question that was asked. */
  readonly observe: (entity: string, answer: EntityAnswer) => void
}

interface Kept {
  readonly answer: EntityAnswer
  /** When the question began. */
  readonly askedAtMs: number
  readonly untilMs: number
}

interface Question {
  readonly askedAtMs: number
  readonly answer: Promise<EntityAnswer>
  /** Asked when this one is answered, for those whose event is younger than it. */
  next: Promise<EntityAnswer> | null
}

const mostKept = 1_000
const mostKeptCharacters = 16 * 1024 * 1024
/** Failures in a row after which a source is left alone: a dead application must not hold every attempt up. */
const mostFailures = 5
const restMs = 5_000

/**
 * Entities as they are when they are sent, asked from the application; one question at a time for each
 * entity. An answer serves a delivery only if it was asked for after the delivery's event was
 * appended: an older one could show the entity as it was before the event.
 */
export class EntitySources {
  readonly #deps: EntitySourceDeps
  readonly #questions = new Map<string, Question>()
  readonly #kept = new Map<string, Kept>()
  #keptCharacters = 0
  readonly #failures = new Map<string, { count: number; restUntilMs: number }>()

  constructor(deps: EntitySourceDeps) {
    this.#deps = deps
  }

  /**
   * The event's entity as JSON text. Null inside the promise: it is gone; undefined: not to be had now.
   * Null itself: there is nothing to ask, and the event's own `data` is what is known.
   */
  entityOf(event: StoredEvent): Promise<string | null | undefined> | null {
    const [entity = '', action] = event.type.split('.')
    const source = this.#deps.sources.get(entity)
    // Of what was deleted, the event itself knows the last.
    if (!source || action === 'deleted' || this.#isResting(entity)) return null
    const url = entityUrl(source.template, event.tenantId, event.entityKey)
    if (url === null) return null
    const key = `${entity} ${url}`
    const kept = this.#kept.get(key)
    if (kept && kept.askedAtMs > event.appendedAtMs && this.#deps.clock.now() < kept.untilMs) {
      return Promise.resolve(textOf(kept.answer))
    }
    const ask = () => this.#ask(key, entity, source, url)
    const question = this.#questions.get(key)
    if (!question) return ask().then(textOf)
    if (question.askedAtMs > event.appendedAtMs) return question.answer.then(textOf)
    question.next ??= question.answer.then(ask)
    return question.next.then(textOf)
  }

  close(): Promise<void> {
    return this.#deps.fetch.close()
  }

  #ask(key: string, entity: string, source: EntitySource, url: string): Promise<EntityAnswer> {
    const askedAtMs = this.#deps.clock.now()
    const { headers, timeoutMs } = source
    const answer = this.#deps.fetch.fetch({ url, headers, timeoutMs }).then((answered) => {
      if (this.#questions.get(key) === question && question.next === null) this.#questions.delete(key)
      this.#noteFailure(entity, answered.kind === 'unavailable')
      this.#keep(key, answered, askedAtMs, source.cacheMs)
      this.#deps.observe(entity, answered)
      return answered
    })
    const question: Question = { askedAtMs, answer, next: null }
    this.#questions.set(key, question)
    return answer
  }

  #keep(key: string, answer: EntityAnswer, askedAtMs: number, cacheMs: number): void {
    this.#forget(key)
    if (answer.kind === 'unavailable' || cacheMs === 0) return
    this.#kept.set(key, { answer, askedAtMs, untilMs: this.#deps.clock.now() + cacheMs })
    this.#keptCharacters += sizeOf(key, answer)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept && this.#keptCharacters <= mostKeptCharacters) break
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    const kept = this.#kept.get(key)
    if (!kept) return
    this.#kept.delete(key)
    this.#keptCharacters -= sizeOf(key, kept.answer)
  }

  #noteFailure(entity: string, isFailure: boolean): void {
    if (!isFailure) {
      this.#failures.delete(entity)
      return
    }
    const count = (this.#failures.get(entity)?.count ?? 0) + 1
    const restUntilMs = count >= mostFailures ? this.#deps.clock.now() + restMs : 0
    this.#failures.set(entity, { count, restUntilMs })
  }

  #isResting(entity: string): boolean {
    return this.#deps.clock.now() < (this.#failures.get(entity)?.restUntilMs ?? 0)
  }
}

function textOf(answer: EntityAnswer): string | null | undefined {
  switch (answer.kind) {
    case 'entity':
      return answer.text
    case 'gone':
      return null
    case 'unavailable':
      return undefined
    default:
      return answer satisfies never
  }
}

function sizeOf(key: string, answer: EntityAnswer): number {
  return key.length + (answer.kind === 'entity' ? answer.text.length : 0)
}
