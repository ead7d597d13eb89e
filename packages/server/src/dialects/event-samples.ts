import { readEvent } from '../core/event/event-input.ts'
import { onlyPartition } from '../core/event/partition.ts'
import { parseJson } from '../core/json/json.ts'
import { jsonText } from '../core/json/json-text.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { EventType } from './contract/catalogue.ts'
import type { Dialect } from './contract/dialect.ts'
import type { EventSample } from './contract/event-body.ts'
import { dialects } from './dialects.ts'
import type { EventBodies } from './event-bodies.ts'

/** Whose events the samples are. */
const tenantId = 29302
/** Of links within samples of entities. */
const host = 'example.com'

/** A sample of a type in each dialect that can name it. */
export class EventSamples {
  readonly #bodies: Pick<EventBodies, 'bodyIn'>
  readonly #nowMs: () => number

  constructor(bodies: Pick<EventBodies, 'bodyIn'>, nowMs: () => number) {
    this.#bodies = bodies
    this.#nowMs = nowMs
  }

  samplesOf(type: EventType): readonly EventSample[] {
    return dialects.flatMap((dialect) => this.#sampleIn(dialect, type) ?? [])
  }

  #sampleIn(dialect: Dialect, type: EventType): EventSample | undefined {
    if (!dialect.isCanonical && !type.names.has(dialect.name)) return undefined
    const nowMs = this.#nowMs()
    const fields = dialect.sample?.(type, { entityId: undefined, number: 1, tenantId, nowMs, host })
    if (fields === undefined) return undefined
    const time = formatRfc3339(nowMs)
    const text = `${jsonText({ tenantId, type: type.type, time }).slice(0, -1)},${fields.slice(1)}`
    const parsed = parseJson(text)
    if (!parsed.ok) throw new Error(`the sample of ${type.type} in ${dialect.name} is no JSON`)
    const rules = { topic: type.topic, attributes: type.attributes }
    const context = { pointer: '', nowText: time, newId: () => 'evt_sample' }
    const read = readEvent(parsed.node, { ...context, typeOf: () => rules })
    if (!read.ok) throw new Error(`the sample of ${type.type} in ${dialect.name} has faults`)
    const place = { partition: onlyPartition, position: 1, appendedAtMs: nowMs }
    const body = this.#bodies.bodyIn(dialect, { ...read.event, ...place })
    return body && { ...body, event: text }
  }
}
