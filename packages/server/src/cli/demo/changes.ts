import type { NewEvent } from '@tidings/client'

export interface Company {
  readonly tenantId: number
  readonly name: string
}

/** The two customers of the application whose changes the demonstration publishes. */
export const companies: readonly [Company, Company] = [
  { tenantId: 29302, name: 'Bygg AB' },
  { tenantId: 41877, name: 'Fjord AS' },
]

const customers = [
  ['Åkerlund & Söner', 'Handelsbolaget Vinter', 'Kommunen i Lund'],
  ['Kafé Bryggen', 'Nordlys Hotell', 'Bakeriet på Hjørnet'],
] as const
const articles = [
  ['Tegel 250×120', 'Cement 25 kg', 'Arbetstid, snickare'],
  ['Espressobønner 1 kg', 'Kaffefilter', 'Service av maskin'],
] as const

/** A sale as it goes through the books: what its next change is. */
interface Sale {
  readonly company: 0 | 1
  readonly number: number
  readonly customer: number
  readonly total: string
  readonly step: number
}

export interface BusinessState {
  readonly sales: readonly Sale[]
  readonly nextNumber: number
}

export const openingState: BusinessState = { sales: [], nextNumber: 3801 }

/** Sales under way in both companies together. */
const maxSales = 5
/** The steps of a sale; after the last one it is over. */
const steps = [
  'order.created',
  'order.updated',
  'invoice.created',
  'invoice.charged',
  'invoice-payment.bookkept',
] as const
/** Changes other than sales. */
const asides = ['customer.updated', 'product.updated', 'supplier-invoice.created', 'voucher.created'] as const

export interface Change {
  readonly company: Company
  readonly event: NewEvent
}

/** The next change in the two companies. `random` gives numbers from 0 to below 1. */
export function nextChange(state: BusinessState, random: () => number): { state: BusinessState; change: Change } {
  const pick = (count: number) => Math.floor(random() * count)
  if (random() < 0.25) return { state: { ...state, nextNumber: state.nextNumber + 1 }, change: aside(state, pick) }
  const isNew = state.sales.length === 0 || (state.sales.length < maxSales && random() < 0.4)
  if (isNew) {
    const sale: Sale = {
      company: pick(2) === 0 ? 0 : 1,
      number: state.nextNumber,
      customer: pick(3),
      total: `${(pick(200) + 1) * 125}.${String(pick(100)).padStart(2, '0')}`,
      step: 0,
    }
    return {
      state: { sales: [...state.sales, { ...sale, step: 1 }], nextNumber: state.nextNumber + 1 },
      change: changeOf(sale),
    }
  }
  const chosen = pick(state.sales.length)
  const sale = state.sales[chosen]!
  const later = { ...sale, step: sale.step + 1 }
  const isOver = later.step === steps.length
  const sales = state.sales.flatMap((other, at) => (at === chosen ? (isOver ? [] : [later]) : [other]))
  return { state: { ...state, sales }, change: changeOf(sale) }
}

function changeOf({ company, number, customer, total, step }: Sale): Change {
  const { tenantId } = companies[company]
  const type = steps[step]!
  const amount = Number(total)
  const base = { customer: customers[company][customer]!, currency: company === 0 ? 'SEK' : 'NOK' }
  const made = (event: Omit<NewEvent, 'tenantId' | 'type'>) => ({
    company: companies[company],
    event: { tenantId, type, ...event },
  })
  switch (type) {
    case 'order.created':
      return made({ entityId: String(number), data: { orderNumber: number, ...base, total: amount } })
    case 'order.updated':
      return made({ entityId: String(number), data: { orderNumber: number, ...base, delivered: true } })
    case 'invoice.created':
    case 'invoice.charged': {
      const isBooked = type === 'invoice.charged'
      return made({
        entityId: String(number),
        data: { invoiceNumber: number, ...base, total: amount, booked: isBooked },
      })
    }
    case 'invoice-payment.bookkept':
      return made({
        entityId: String(number + 5_000),
        attributes: { invoiceId: String(number), fullyPaid: true },
        data: { invoiceNumber: number, amount },
      })
  }
}

function aside({ nextNumber }: BusinessState, pick: (count: number) => number): Change {
  const company = pick(2) === 0 ? 0 : 1
  const { tenantId } = companies[company]
  const type = asides[pick(asides.length)]!
  const made = (event: Omit<NewEvent, 'tenantId' | 'type'>) => ({
    company: companies[company],
    event: { tenantId, type, ...event },
  })
  switch (type) {
    case 'customer.updated':
      return made({ entityId: String(100 + pick(3)), data: { name: customers[company][pick(3)]!, paymentDays: 30 } })
    case 'product.updated':
      return made({ entityId: `A-${10 + pick(3)}`, data: { name: articles[company][pick(3)]!, price: 49 + pick(400) } })
    case 'supplier-invoice.created':
      return made({ entityId: String(nextNumber + 900), data: { supplier: 'Elverket', total: 1_200 + pick(900) } })
    case 'voucher.created': {
      const number = nextNumber - 3_700
      return made({ entityId: `1-A-${number}`, attributes: { year: 1, series: 'A', id: number } })
    }
  }
}
