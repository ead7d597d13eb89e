import { sampleAttributes, sampleEntity } from '../../core/event/sample-entity.ts'
import type { EventType } from '../contract/catalogue.ts'
import type { SampleContext } from '../contract/sample.ts'

export function sampleStandard({ type, attributes }: EventType, { entityId, number }: SampleContext): string {
  const id = entityId ?? String(3_816 + number)
  const entity = type.slice(0, type.indexOf('.'))
  return JSON.stringify({
    entityId: id,
    attributes: sampleAttributes(attributes, number),
    ...(type.endsWith('.deleted') ? {} : { version: 1, data: sampleEntity(entity, id) }),
  })
}
