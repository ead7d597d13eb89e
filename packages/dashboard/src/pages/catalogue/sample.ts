import type { EventType } from '../../api/catalogue.ts'

const samples: Readonly<Record<string, unknown>> = { string: '1001', integer: 1, number: 1, boolean: true }

/** An event of the type to begin with. */
export function sampleOf({ type, attributes }: EventType): Record<string, unknown> {
  const given = Object.fromEntries(attributes.map(({ name, type: kind }) => [name, samples[kind] ?? '1001']))
  return {
    tenantId: 29302,
    type,
    entityId: '3817',
    ...(attributes.length === 0 ? {} : { attributes: given }),
    data: { id: 3817 },
  }
}
