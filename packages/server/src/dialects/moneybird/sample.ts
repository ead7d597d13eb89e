import type { EventType } from '../contract/catalogue.ts'
import type { SampleContext, SampleGrants } from '../contract/sample.ts'

const contact = {
  company_name: 'Kaashandel De Gouden Wiel',
  firstname: 'Sanne',
  lastname: 'de Vries',
  address1: 'Kerkstraat 1',
  zipcode: '1017 GA',
  city: 'Amsterdam',
  country: 'NL',
  email: 'sanne@example.com',
  customer_id: '1001',
}

/** Fields of the entity types that integrators ask for most; the others have what every entity has. */
const fields: Readonly<Record<string, object>> = {
  SalesInvoice: {
    contact_id: '116015245643744001',
    invoice_id: '2026-0117',
    invoice_date: '2026-01-31',
    due_date: '2026-02-14',
    currency: 'EUR',
    language: 'nl',
    total_unpaid: '121.0',
    total_price_excl_tax: '100.0',
    total_price_incl_tax: '121.0',
    details: [{ description: 'Belegen kaas', price: '25.0', amount: '4', tax_rate_id: '116015245643744002' }],
    payments: [],
  },
  Estimate: {
    contact_id: '116015245643744001',
    estimate_id: 'O2026-0007',
    estimate_date: '2026-01-31',
    currency: 'EUR',
  },
  Contact: contact,
  Product: { title: 'Belegen kaas', description: 'Per kilo', price: '25.0', currency: 'EUR', frequency: 1 },
  Payment: { invoice_type: 'SalesInvoice', payment_date: '2026-02-03', price: '121.0', price_base: '121.0' },
  LedgerAccount: { name: 'Omzet', account_type: 'revenue', account_id: '8000' },
}

/** Ids of 18 digits, as the vendor's: a reader that takes them for doubles is found out. */
export function sampleMoneybird(type: EventType, { entityId, number, tenantId, nowMs }: SampleContext): string {
  const id = entityId ?? String(116_015_245_643_744_000n + BigInt(number))
  if (type.type.endsWith('.deleted')) return JSON.stringify({ entityId: id })
  const details = type.details.get('moneybird') ?? {}
  const entityType = typeof details.entityType === 'string' ? details.entityType : ''
  const known = typeof details.state === 'string' ? details.state : undefined
  const state = known ?? (entityType === 'SalesInvoice' || entityType === 'Estimate' ? 'open' : undefined)
  const at = new Date(nowMs).toISOString()
  return JSON.stringify({
    entityId: id,
    state,
    data: {
      id,
      administration_id: String(tenantId),
      ...fields[entityType],
      state,
      created_at: at,
      updated_at: at,
      version: Math.floor(nowMs / 1_000),
    },
  })
}

export function moneybirdAccess({ url, tenants }: SampleGrants): object {
  const administrations = tenants.map(({ tenantId, name, accessToken }) => ({
    administration_id: String(tenantId),
    name,
    token: accessToken,
    authorization: `Bearer ${accessToken}`,
  }))
  return { baseUrl: `${url}/api/v2`, administrations }
}
