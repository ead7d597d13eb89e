/** Entities and attributes made up for `tidings emulate`: plain, whole, and recognisably not real. */

const address = { street: 'Storgatan 1', postalCode: '111 22', city: 'Stockholm', country: 'SE' }

const made: Readonly<Record<string, object>> = {
  invoice: {
    invoiceNumber: '2026-0117',
    invoiceDate: '2026-01-31',
    dueDate: '2026-03-02',
    currency: 'SEK',
    customer: { id: '101', name: 'Kafé Bryggen' },
    lines: [{ description: 'Espresso beans 1 kg', quantity: 4, unitPrice: 250.25, total: 1001 }],
    total: 1251.25,
    balance: 1251.25,
  },
  order: {
    orderNumber: '10045',
    orderDate: '2026-01-31',
    currency: 'SEK',
    customer: { id: '101', name: 'Kafé Bryggen' },
    lines: [{ description: 'Espresso beans 1 kg', quantity: 4, unitPrice: 250.25 }],
    total: 1251.25,
  },
  customer: { name: 'Kafé Bryggen', organisationNumber: '556677-8899', email: 'post@example.com', address },
  supplier: { name: 'Elverket AB', organisationNumber: '556600-1122', email: 'invoice@example.com', address },
  product: { number: 'A-10', name: 'Espresso beans 1 kg', unit: 'pcs', price: 250.25, vatRate: 25, stock: 40 },
}

/** @param entity of the event type, as `invoice` */
export function sampleEntity(entity: string, id: string): object {
  return { id, ...(made[entity] ?? { name: `Sample ${entity.replaceAll('-', ' ')}` }) }
}

const attributeValues: Readonly<Record<string, string | number | boolean>> = {
  year: 1,
  series: 'R',
  invoiceId: '3817',
  fullyPaid: true,
}

/** A value for each attribute that the catalogue gives the type; undefined: it has none. */
export function sampleAttributes(
  attributes: ReadonlyMap<string, 'string' | 'number' | 'boolean'>,
  number: number,
): Readonly<Record<string, string | number | boolean>> | undefined {
  if (attributes.size === 0) return undefined
  const values = [...attributes].map(([name, type]) => {
    const known = attributeValues[name]
    if (typeof known === type && known !== undefined) return [name, known] as const
    return [name, type === 'number' ? number : type === 'boolean' ? true : `sample ${name}`] as const
  })
  return Object.fromEntries(values)
}
