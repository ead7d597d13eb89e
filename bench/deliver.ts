import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { operate, registerIntegration, subscribe } from '../test/harness/registration.ts'
import type { Figure } from './figure.ts'
import { publish } from './publish.ts'
import { sampleTenants } from './sample-event.ts'
import { measured, withServer } from './server.ts'

/** Bytes of a delivery's body, about. */
const bodyBytes = 420

interface Rate {
  readonly perSecond: number
  readonly cpuSecondsPerMillion: number | null
}

/** Signed webhooks of one endpoint and of eight, beside a bare dispatch loop to the same receiver. */
export async function measureDeliver(deliveries: number): Promise<Figure[]> {
  const sink = fork(new URL('webhook-sink.ts', import.meta.url))
  try {
    const [{ port }] = (await once(sink, 'message')) as [{ port: number }]
    const url = `http://127.0.0.1:${port}/hook`
    const figures: Figure[] = []
    for (const subscriptions of [1, 8]) {
      const connections = subscriptions === 1 ? 32 : subscriptions * 8
      const bare = await measureBare(url, deliveries, connections)
      const webhooks = await measureWebhooks(url, sink, deliveries, subscriptions, connections / subscriptions)
      const what = `undici dispatch, ${connections} connections`
      figures.push(
        { what, unit: 'requests/s', ...bare, baseline: null, target: null },
        {
          what: `deliver: ${subscriptions} endpoint${subscriptions > 1 ? 's' : ''}, ${connections} at once`,
          unit: 'deliveries/s',
          ...webhooks,
          baseline: { what: 'bare dispatch', perSecond: bare.perSecond },
          target: { text: '≥ 0.5', isMet: webhooks.perSecond >= 0.5 * bare.perSecond },
        },
      )
    }
    return figures
  } finally {
    sink.disconnect()
  }
}

async function measureBare(url: string, requests: number, connections: number): Promise<Rate> {
  const sender = fork(new URL('bare-dispatch.ts', import.meta.url), [
    url,
    String(requests),
    String(connections),
    String(bodyBytes),
  ])
  const failed = once(sender, 'exit').then(() => Promise.reject(new Error('the bare loop failed')))
  const [{ seconds, cpuSeconds }] = (await Promise.race([once(sender, 'message'), failed])) as [
    { seconds: number; cpuSeconds: number },
  ]
  return { perSecond: requests / seconds, cpuSecondsPerMillion: (cpuSeconds * 1e6) / requests }
}

/** From when the subscriptions are enabled until the last delivery is in; everything was published before. */
function measureWebhooks(
  endpoint: string,
  sink: ChildProcess,
  deliveries: number,
  subscriptions: number,
  concurrency: number,
): Promise<Rate> {
  return withServer(async (url, server) => {
    for (const id of sampleTenants) await operate(url, 'POST', '/v1/tenants', { id })
    const integration = await registerIntegration(url, 'bench', sampleTenants)
    const deliver = async (count: number, around: (run: () => Promise<void>) => Promise<void>) => {
      const events = Math.ceil(count / subscriptions)
      await around(async () => {
        const received = once(sink, 'message')
        sink.send(events * subscriptions)
        await publish(url, events, (run) => run())
        await received
      })
    }
    for (let index = 0; index < subscriptions; index++) {
      await subscribe(url, integration, { endpoint: { url: endpoint }, types: ['*'], concurrency })
    }
    await deliver(Math.ceil(deliveries / 4), (run) => run())
    let rate: Rate = { perSecond: 0, cpuSecondsPerMillion: null }
    await deliver(deliveries, async (run) => {
      const { seconds, cpuSeconds } = await measured(server.pid, run)
      const cpuSecondsPerMillion = cpuSeconds === null ? null : (cpuSeconds * 1e6) / deliveries
      rate = { perSecond: deliveries / seconds, cpuSecondsPerMillion }
    })
    return rate
  })
}
