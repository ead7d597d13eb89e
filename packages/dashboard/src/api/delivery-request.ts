import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './http.ts'

export interface DeliveryRequest {
  readonly method: string
  readonly url: string
  /** `value` null: it is secret. */
  readonly headers: readonly { readonly name: string; readonly value: string | null }[]
  readonly body: string | null
}

/** The request of a delivery's last attempt, made again of the event and of the subscription as it is now. */
export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id, 'request'],
    queryFn: ({ signal }) => ask<DeliveryRequest>('GET', `/v1/deliveries/${segment(id)}/request`, { signal }),
    staleTime: 300_000,
  })
