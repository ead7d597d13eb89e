import { remembered } from '../collection/remembered.ts'
import type { StoredEvent } from '../event/event.ts'
import { eventNode } from '../event/event-fields.ts'
import { parseFields, projectFields, type Selection } from './fields.ts'

const selection = remembered<Selection>(4_096, (fields) => {
  const result = parseFields(fields)
  if (!result.ok) throw new Error(`A stored selection of fields is not valid: ${result.error.message}`)
  return result.selection
})

/**
 * The event's `data` as JSON text, cut down to the subscription's `fields`, natively meant: a field
 * named bare is given whole. Undefined: there is nothing to cut.
 */
export function selectedData(event: StoredEvent, fields: string | null): string | undefined {
  if (fields === null) return undefined
  const data = eventNode(event, 'data')
  return data && projectFields(selection(fields), data, { bare: 'whole' })
}

/** The same of any entity's JSON text, one that is no event's `data`. */
export function selectedText(entity: string, fields: string | null): string {
  return fields === null ? entity : projectFields(selection(fields), entity, { bare: 'whole' })
}
