import { compilePatterns } from '../../core/event/event-type-pattern.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { Catalogue } from '../contract/catalogue.ts'

const dialect = 'moneybird'
const legacyPrefix = 'sales_invoice_state_changed_to_'

/**
 * The event types that `enabled_events` means; undefined when one of them is neither an event nor a
 * group. A group is every event whose name equals it or begins with it and `_`. None at all is the
 * old behaviour: whenever a sales invoice's state changes.
 */
export function typesOfEvents(enabledEvents: readonly string[], catalogue: Catalogue): readonly string[] | undefined {
  const named = catalogue.types(dialect).map(({ type, names, details }) => ({
    type,
    name: names.get(dialect)!,
    groups: groupsOf(details.get(dialect)),
  }))
  if (enabledEvents.length === 0) {
    return named.filter(({ name }) => name.startsWith(legacyPrefix)).map(({ type }) => type)
  }
  const groups = new Set(named.flatMap((each) => each.groups))
  const wanted = new Set<string>()
  for (const asked of enabledEvents) {
    const isGroup = groups.has(asked)
    const meant = named.filter(({ name }) => name === asked || (isGroup && name.startsWith(`${asked}_`)))
    if (meant.length === 0) return undefined
    for (const { type } of meant) wanted.add(type)
  }
  return [...wanted].sort()
}

/** As they were given; the names of its types, where they were given or changed natively. */
export function enabledEventsOf({ types, settings }: Subscription, catalogue: Catalogue): readonly string[] {
  if (Array.isArray(settings.enabledEvents)) return settings.enabledEvents
  const wants = compilePatterns(types)
  return catalogue
    .types(dialect)
    .filter(({ type }) => wants(type))
    .map(({ names }) => names.get(dialect)!)
    .sort()
}

/**
 * What its events mean by the catalogue as it is now: a type that comes into a group later is the
 * webhook's too. Undefined: it was not made for events and groups.
 */
export function meantTypes({ settings }: Subscription, catalogue: Catalogue): readonly string[] | undefined {
  if (!Array.isArray(settings.enabledEvents)) return undefined
  // A name that the operator took away means nothing, and takes nothing from the others.
  const types = settings.enabledEvents.length === 0 ? typesOfEvents([], catalogue) : undefined
  return types ?? [...new Set(settings.enabledEvents.flatMap((name) => typesOfEvents([name], catalogue) ?? []))].sort()
}

function groupsOf(details: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  return Array.isArray(details?.groups) ? details.groups : []
}
