import { sampleAttributes, sampleEntity } from '../../core/event/sample-entity.ts'
import type { EventType } from '../contract/catalogue.ts'
import type { SampleContext } from '../contract/sample.ts'

export function sampleCloudEvent({ type, attributes }: EventType, { entityId, number }: SampleContext): string {
  const id = entityId ?? String(3_816 + number)
  const data = type.endsWith('.deleted') ? undefined : sampleEntity(type.slice(0, type.indexOf('.')), id)
  return JSON.stringify({ entityId: id, attributes: sampleAttributes(attributes, number), data })
}
