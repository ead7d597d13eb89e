import { sampleAttributes } from '../../core/event/sample-entity.ts'
import type { EventType } from '../contract/catalogue.ts'
import type { SampleContext, SampleGrants } from '../contract/sample.ts'

/** Events of the stream are minimal: an id, and the type's additional fields. A voucher's id is made of them. */
export function sampleFortnox({ attributes }: EventType, { entityId, number }: SampleContext): string {
  const values = sampleAttributes(attributes, number)
  const isVoucher = attributes.has('series')
  const id = entityId ?? (isVoucher ? `${values?.year}-${values?.series}-${number}` : String(3_816 + number))
  return JSON.stringify({ entityId: id, attributes: values })
}

export function fortnoxAccess({ url, clientSecret, tenants }: SampleGrants): object {
  return {
    url: `${url.replace(/^http/, 'ws')}/topics-v1`,
    clientSecret,
    tenants: tenants.map(({ tenantId, name, accessToken }) => ({
      tenantId,
      name,
      accessToken,
      authorization: `Bearer ${accessToken}`,
    })),
  }
}
