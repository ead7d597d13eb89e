import type { EventType } from '../contract/catalogue.ts'
import type { DialectHost } from '../contract/host.ts'
import { payloadModelOf } from './entity-model.ts'
import { TripletexError } from './refusal.ts'
import { type TripletexRoute, value } from './request.ts'
import { sampleDelivery } from './sample-delivery.ts'

/** `GET /v2/event` and `GET /v2/event/{eventType}`. */
export function eventRoutes({ catalogue }: Pick<DialectHost, 'catalogue'>): TripletexRoute[] {
  return [
    {
      url: '/event',
      methods: {
        GET: {
          isOpen: true,
          handle: () => {
            const shown = catalogue().types('tripletex').map(shownType)
            const events = shown.map(({ name, description, payloadModel }) => [
              name,
              payloadModel === null ? { description } : { description, payloadModel },
            ])
            return value(200, JSON.stringify(Object.fromEntries(events)))
          },
        },
      },
    },
    {
      url: '/event/:eventType',
      methods: {
        GET: {
          handle: ({ params, host }) => {
            const type = catalogue().byNameIgnoringCase('tripletex', params.eventType ?? '')
            if (!type) throw new TripletexError('notFound')
            const shown = JSON.stringify(shownType(type)).slice(0, -1)
            return value(200, `${shown},"examples":[${sampleDelivery(type, host)}]}`)
          },
        },
      },
    },
  ]
}

function shownType(type: EventType): { name: string; description: string; payloadModel: string | null } {
  const details = type.details.get('tripletex')
  return {
    name: type.names.get('tripletex') ?? type.type,
    description: typeof details?.description === 'string' ? details.description : type.description,
    payloadModel: payloadModelOf(details),
  }
}
