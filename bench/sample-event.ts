/** What a publisher sends of one change: about 300 bytes. */
export function sampleText(index: number): string {
  return (
    `{"tenantId":${29_000 + (index % 50)},"type":"${types[index % types.length]}","entityId":"${100_000 + index}",` +
    `"time":"2017-12-28T14:59:16.500+01:00","version":12,"data":{"id":${index},"customer":"Bygg & Betong AB",` +
    `"total":12345678901234567.89,"currency":"SEK","due":"2018-01-27","paid":false,` +
    `"rows":[{"article":"A-100","quantity":2,"price":499.5}]}}`
  )
}

const types = ['invoice.updated', 'customer.updated', 'supplier.updated', 'order.updated', 'product.updated']

export const sampleTenants: readonly number[] = Array.from({ length: 50 }, (_, index) => 29_000 + index)

/** Bodies of up to 1,000 events each. */
export function sampleArrays(events: number): string[] {
  return Array.from({ length: Math.ceil(events / 1_000) }, (_, batch) => {
    const size = Math.min(1_000, events - batch * 1_000)
    return `[${Array.from({ length: size }, (_, index) => sampleText(batch * 1_000 + index)).join()}]`
  })
}
