import { type ReceivedEvent, Tidings } from '@tidings/client'
import type { Sighting, Way } from './arrivals.ts'
import { openFortnoxStream } from './fortnox-client.ts'
import type { WebhookReceiver } from './webhook-receiver.ts'

export interface IntegratorAccess {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly accessTokens: readonly string[]
}

/** One integrator that receives everything by all four ways at once, and resumes none: it begins now. */
export async function startIntegrator(
  access: IntegratorAccess,
  receiver: WebhookReceiver,
  onEvent: (way: Way, event: Sighting) => void,
  onFailure: (way: Way, error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  const { url, clientId, clientSecret, accessTokens } = access
  const client = new Tidings({ url, clientId, clientSecret })
  const stop = new AbortController()
  const { signal } = stop
  const running: Promise<void>[] = []
  const run = (way: Way, work: () => Promise<void>) => {
    running.push(
      work().catch((error: unknown) => {
        if (!signal.aborted) onFailure(way, error)
      }),
    )
  }

  const subscription = await client.subscriptions.create({
    endpoint: { url: receiver.url },
    types: ['*'],
    description: "the demonstration's receiver",
  })
  receiver.setSecret(subscription.signingSecret!)

  const fortnox = await topicsOf(client, 'fortnox')
  const stream = await openFortnoxStream({ url, clientSecret, accessTokens, topics: fortnox }, (event) =>
    onEvent('stream', event),
  )

  await new Promise<void>((resolve) => {
    run('sse', async () => {
      for await (const event of client.stream({ signal, onOpen: resolve })) onEvent('sse', sightingOf(event))
    })
  })

  const places = await client.topics()
  for (const { topic, latest } of places.filter(({ topic }) => fortnox.includes(topic)))
    run('feed', async () => {
      for await (const event of client.feed(topic, { after: String(latest), wait: 30, signal }))
        onEvent('feed', sightingOf(event))
    })

  return {
    async close() {
      stop.abort()
      await Promise.all([stream.close(), ...running])
    },
  }
}

export function sightingOf(event: ReceivedEvent): Sighting {
  const { topic, offset, type, tenantId, timestamp } = event
  return { topic, offset, type, tenantId, timestamp, entityId: event.entityId ?? JSON.stringify(event.keys) }
}

async function topicsOf(client: Tidings, dialect: string): Promise<readonly string[]> {
  const types = await Array.fromAsync(client.eventTypes.list({ dialect }))
  return [...new Set(types.map(({ topic }) => topic))]
}
