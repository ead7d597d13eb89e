import { describe, expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import list from '../../catalogue/fixtures/moneybird-events.json' with { type: 'json' }
import { sampleSubscription } from '../samples.ts'
import { enabledEventsOf, typesOfEvents } from './enabled-events.ts'

const catalogue = builtinCatalogue()
const namesOf = (events: readonly string[]) =>
  typesOfEvents(events, catalogue)
    ?.map((type) => catalogue.nameIn(type, 'moneybird')!)
    .sort()

describe('what events mean', () => {
  test.each(list.events)('%s is itself', (name) => {
    expect(namesOf([name])).toEqual([name])
  })

  test.each(list.groups)('%s is every event that begins with it', (group) => {
    const members = list.events.filter((name) => name === group || name.startsWith(`${group}_`)).sort()
    expect(members).not.toEqual([])
    expect(namesOf([group])).toEqual(members)
  })

  test('there are 343 events in 96 groups, and all of them together are all there is', () => {
    expect([list.events.length, list.groups.length]).toEqual([343, 96])
    expect(namesOf([...list.events, ...list.groups])).toEqual([...list.events].sort())
  })

  test.each(['sales', 'sales_invoice_', 'SALES_INVOICE', 'contact_mandate', 'invoice.updated', '*', '', '__proto__'])(
    '%j is neither an event nor a group',
    (name) => {
      expect(typesOfEvents([name], catalogue)).toBeUndefined()
      expect(typesOfEvents(['contact', name], catalogue)).toBeUndefined()
    },
  )

  test('none at all is every change of a sales invoice state, and nothing else', () => {
    expect(namesOf([])).toEqual(list.events.filter((name) => name.startsWith('sales_invoice_state_changed_to_')).sort())
  })

  test('an operator adds an event to a group', () => {
    const more = catalogue.with([
      {
        type: 'invoice.framed',
        topic: 'invoices',
        names: { moneybird: 'sales_invoice_framed' },
        details: { moneybird: { entityType: 'SalesInvoice', groups: ['sales_invoice'] } },
      },
    ])
    expect(typesOfEvents(['sales_invoice'], more)).toContain('invoice.framed')
  })
})

describe('how they are shown', () => {
  const shown = (types: readonly string[], settings: object = {}) =>
    enabledEventsOf(sampleSubscription('moneybird', { types, settings: { ...settings } }), catalogue)

  test('as they were given, in their order', () => {
    const enabledEvents = ['sales_invoice', 'contact_created', 'contact_created']
    expect(shown(typesOfEvents(enabledEvents, catalogue)!, { enabledEvents })).toEqual(enabledEvents)
    expect(shown(typesOfEvents([], catalogue)!, { enabledEvents: [] })).toEqual([])
  })

  test('by name when the subscription was made or changed natively', () => {
    expect(shown(['contact.created', 'invoice.deleted'])).toEqual(['contact_created', 'sales_invoice_destroyed'])
    expect(shown(['contact.created'], { enabledEvents: null })).toEqual(['contact_created'])
    expect(shown(['*'])).toHaveLength(343)
  })
})
