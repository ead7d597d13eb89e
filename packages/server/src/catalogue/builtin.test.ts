import { describe, expect, test } from 'vitest'
import { isEventType } from '../core/event/event-type-pattern.ts'
import { builtinCatalogue } from './builtin.ts'
import { readDefinition } from './definition.ts'
import type { EventType } from './event-type.ts'
import fakturowniaKinds from './fixtures/fakturownia-events.json' with { type: 'json' }
import fortnoxRows from './fixtures/fortnox-events.json' with { type: 'json' }
import moneybirdList from './fixtures/moneybird-events.json' with { type: 'json' }
import tripletexNames from './fixtures/tripletex-events.json' with { type: 'json' }
import { eventTypeResource } from './resource.ts'

// The contracts' lists stand in `fixtures/`, so that a name lost from the data is seen here.
const catalogue = builtinCatalogue()
const fortnoxEvents = fortnoxRows as [topic: string, type: string, payload: string[]][]

function named(dialect: string, name: string): EventType {
  const type = catalogue.byName(dialect, name)
  if (!type) throw new Error(`${dialect} has no ${name}`)
  return type
}

describe.each([
  ['fortnox', fortnoxEvents.map(([, type]) => type), 60],
  ['tripletex', tripletexNames, 40],
  ['fakturownia', fakturowniaKinds, 9],
  ['moneybird', moneybirdList.events, 343],
] as const)('%s', (dialect, expected, count) => {
  test('has every name of its list, letter for letter, and no other', () => {
    expect(new Set(expected).size).toBe(count)
    expect([...catalogue.names(dialect)].sort()).toEqual([...expected].sort())
  })

  test('finds each of its names, and names it so again', () => {
    for (const name of expected) {
      const { type } = named(dialect, name)
      expect(catalogue.nameIn(type, dialect)).toBe(name)
      expect(catalogue.find(type)?.names.get(dialect)).toBe(name)
    }
  })
})

test.each(fortnoxEvents)('fortnox: topic %s has %s with its payload', (topic, name, payload) => {
  const type = named('fortnox', name)
  expect(type.topic).toBe(topic)
  expect([...type.attributes.keys()]).toEqual(payload)
})

test('fortnox: 19 topics, and attributes with the types of the contract', () => {
  expect(catalogue.topics('fortnox')).toHaveLength(19)
  expect(new Set(catalogue.topics('fortnox'))).toEqual(new Set(fortnoxEvents.map(([topic]) => topic)))
  const attributes = (name: string) => Object.fromEntries(named('fortnox', name).attributes)
  expect(attributes('account-updated-v1')).toEqual({ year: 'number', id: 'number' })
  expect(attributes('voucher-created-v1')).toEqual({ year: 'number', series: 'string', id: 'number' })
  expect(attributes('invoicepayment-bookkeep-v1')).toEqual({ invoiceId: 'string', fullyPaid: 'boolean' })
  expect(attributes('invoicepayment-deleted-v1')).toEqual({ invoiceId: 'string' })
})

describe('moneybird', () => {
  const details = (name: string) => named('moneybird', name).details.get('moneybird')!

  test.each(moneybirdList.events)('%s is in the groups that its name begins with, and has an entity type', (name) => {
    const groups = moneybirdList.groups.filter((group) => name === group || name.startsWith(`${group}_`))
    expect(details(name).groups).toEqual(groups)
    expect(details(name).entityType).toMatch(/^[A-Z][A-Za-z]+$/)
    expect(details(name).state).toBe(/_state_changed_to_(.+)$/.exec(name)?.[1])
  })

  test('its types make the 96 groups', () => {
    const groups = catalogue.types('moneybird').flatMap(({ details }) => details.get('moneybird')?.groups as string[])
    expect([...new Set(groups)].sort()).toEqual([...moneybirdList.groups].sort())
    expect(moneybirdList.groups).toHaveLength(96)
  })

  test('the recorded example', () => {
    expect(details('sales_invoice_state_changed_to_late')).toMatchObject({ entityType: 'SalesInvoice', state: 'late' })
  })
})

test.each(tripletexNames)('tripletex: %s has a description, and a model unless it is a delete', (name) => {
  const details = named('tripletex', name).details.get('tripletex')!
  expect(details.description).toMatch(/^[A-Z].*[a-z]$/)
  if (name.endsWith('.delete')) expect(details).not.toHaveProperty('payloadModel')
  if (/^(product|order|customer|invoice|voucher)\.(create|update|charged)$/.test(name))
    expect(details.payloadModel).toMatch(/^[A-Z][a-z]+$/)
})

describe('visma-business-nxt', () => {
  const dialect = 'visma-business-nxt'

  test('has insert, update and delete of every table that it has', () => {
    const rows = catalogue.types(dialect).map((type) => ({
      action: type.type.split('.')[1],
      name: type.names.get(dialect)!,
      details: type.details.get(dialect)!,
    }))
    const actions: Record<string, string> = { created: 'INSERT', updated: 'UPDATE', deleted: 'DELETE' }
    for (const { action, name, details } of rows) {
      expect(name).toBe(`${details.tableIdentifier} ${details.event}`)
      expect(details.event).toBe(actions[action ?? ''])
    }
    const tables = new Set(rows.map(({ details }) => details.tableIdentifier))
    expect(tables.size).toBeGreaterThan(30)
    expect(rows).toHaveLength(tables.size * 3)
    for (const table of ['Product', 'Order', 'OrderLine', 'Associate', 'GeneralLedgerAccount'])
      expect(tables).toContain(table)
  })

  test('numbers only the tables whose numbers the contract states', () => {
    const numbered = catalogue
      .types(dialect)
      .map(({ details }) => details.get(dialect)!)
      .filter(({ tableNumber }) => tableNumber !== undefined)
      .map(({ tableIdentifier, tableNumber }) => `${tableIdentifier} ${tableNumber}`)
    expect(new Set(numbered)).toEqual(new Set(['Product 114', 'Order 127']))
  })
})

describe('one change, one type', () => {
  test.each([
    [
      'product.created',
      {
        fortnox: 'article-created-v1',
        tripletex: 'product.create',
        'visma-business-nxt': 'Product INSERT',
        fakturownia: 'product:create',
        moneybird: 'product_created',
      },
    ],
    [
      'invoice.updated',
      { fortnox: 'invoice-updated-v1', fakturownia: 'invoice:update', moneybird: 'sales_invoice_updated' },
    ],
    ['invoice.deleted', { fakturownia: 'invoice:destroy', moneybird: 'sales_invoice_destroyed' }],
    ['invoice.charged', { fortnox: 'invoice-bookkeep-v1', tripletex: 'invoice.charged' }],
    [
      'customer.updated',
      { fortnox: 'customer-updated-v2', tripletex: 'customer.update', fakturownia: 'client:update' },
    ],
    ['contact.created', { tripletex: 'contact.create', moneybird: 'contact_created' }],
    ['offer.updated', { fortnox: 'offer-updated-v1', moneybird: 'estimate_updated' }],
    [
      'order.created',
      {
        fortnox: 'order-created-v1',
        tripletex: 'order.create',
        'visma-business-nxt': 'Order INSERT',
        moneybird: 'order_created',
      },
    ],
    [
      'account.deleted',
      {
        fortnox: 'account-deleted-v1',
        tripletex: 'account.delete',
        'visma-business-nxt': 'GeneralLedgerAccount DELETE',
        moneybird: 'ledger_account_destroyed',
      },
    ],
    [
      'stock-balance.updated',
      { fortnox: 'warehouse-stockbalance-changed-v1', 'visma-business-nxt': 'StockBalance UPDATE' },
    ],
    ['order-line.created', { 'visma-business-nxt': 'OrderLine INSERT' }],
  ])('%s', (type, names) => {
    expect(catalogue.namesOf(catalogue.find(type)!)).toEqual(names)
  })
})

test('every type keeps the rules that operators must keep, and the canonical style', () => {
  for (const type of catalogue.types()) {
    expect(isEventType(type.type)).toBe(true)
    expect(type.type).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*\.[a-z]+(-[a-z]+)*$/)
    expect(type.description).toMatch(
      /^(An?|The|Sending|Asking|Legal|Automatic|Permission|Online|Payments|Banking|Authentication) .{5,100}\.$/,
    )
    const { names, ...rest } = eventTypeResource(catalogue, type)
    expect(readDefinition({ ...rest, names, details: Object.fromEntries(type.details) })).toMatchObject({
      kind: 'valid',
    })
  }
})

test('descriptions tell types apart', () => {
  const descriptions = catalogue.types().map(({ description }) => description)
  expect(descriptions.filter((text, index) => descriptions.indexOf(text) !== index)).toEqual([])
})
