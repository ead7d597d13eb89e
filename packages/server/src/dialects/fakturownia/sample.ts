import type { EventType } from '../contract/catalogue.ts'
import type { SampleContext, SampleGrants } from '../contract/sample.ts'

const client = {
  name: 'Edward',
  tax_no: '',
  post_code: '00-001',
  city: 'Warszawa',
  street: 'ul. Prosta 1',
  first_name: 'Edward',
  country: 'PL',
  email: 'edward@example.com',
  phone: '',
  www: '',
  fax: '',
  street_no: null,
  kind: 'buyer',
  bank: '',
  bank_account: '',
  bank_account_id: null,
  shortcut: 'Edek',
  note: '',
  last_name: 'Nowak',
  deleted: false,
  discount: null,
  payment_to_kind: '',
  use_delivery_address: false,
  delivery_address: '',
  company: true,
  mobile_phone: '',
  register_number: '',
  external_id: '',
  buyer: {},
}

const product = {
  name: 'Chleb',
  code: 'CHL-1',
  price_net: '10.0',
  tax: '5',
  price_gross: '10.5',
  currency: 'PLN',
  description: 'razowy',
  stock_level: '40.0',
  disabled: false,
  category_name: null,
}

const deal = {
  name: 'Chleb',
  description: 'razowy',
  price: '12.3',
  paid: false,
  date: '2026-01-31',
  invoice_no: '61/2026',
  kind: 'vat',
  status: 'issued',
  currency: 'PLN',
  client_id: 101,
  client: { name: 'Edward', tax_no: '', first_name: 'Edward', last_name: 'Nowak', bank_account: '' },
}

/** Entities with the keys, and in the order, of the vendor's own examples. */
export function sampleFakturownia(type: EventType, { entityId, number }: SampleContext): string {
  const id = entityId ?? String(110 + number)
  const ownId = /^\d{1,15}$/.test(id) ? Number(id) : id
  const [kind] = (type.names.get('fakturownia') ?? '').split(':')
  const entity = kind === 'client' ? client : kind === 'product' ? product : null
  return JSON.stringify({ entityId: id, data: entity ? { id: ownId, ...entity } : deal })
}

export function fakturowniaAccess({ url, tenants }: SampleGrants): object {
  const accounts = tenants.map(({ tenantId, name, accessToken }) => ({
    account_id: tenantId,
    name,
    api_token: accessToken,
  }))
  return { baseUrl: url, accounts }
}
