import { fork } from 'node:child_process'
import { once } from 'node:events'
import { adminKey } from '../test/harness/server-process.ts'
import type { Figure } from './figure.ts'
import type { LogRates } from './log.ts'
import { measured, withServer } from './server.ts'

const connections = 8

/** Durable publishing through HTTP, and of the log engine alone, beside a bare insert loop. */
export async function measurePublish(events: number, log: LogRates): Promise<Figure[]> {
  const http = await measureHttp(events)
  const bare = log.bareInsert.perSecond
  const baseline = { what: 'bare inserts', perSecond: bare }
  const perCore = http.cpuSecondsPerMillion === null ? 0 : 1e6 / http.cpuSecondsPerMillion
  return [
    {
      what: 'node:sqlite, a row an event, 1,000 a transaction',
      unit: 'events/s',
      ...log.bareInsert,
      baseline: null,
      target: null,
    },
    {
      what: 'publish: HTTP, arrays of 1,000',
      unit: 'events/s',
      ...http,
      baseline,
      target: { text: '≥ 0.3, or 50,000 a core', isMet: http.perSecond >= 0.3 * bare || perCore >= 50_000 },
    },
    { what: 'publish: the log alone', unit: 'events/s', ...log.append, baseline, target: null },
    { what: "publish: the log alone, publishers' ids", unit: 'events/s', ...log.appendOwnIds, baseline, target: null },
  ]
}

function measureHttp(events: number): Promise<{ perSecond: number; cpuSecondsPerMillion: number | null }> {
  return withServer(async (url, server) => {
    // Once before it counts: the server's code is compiled while it runs.
    await publish(url, Math.ceil(events / 4), () => Promise.resolve())
    let result = { perSecond: 0, cpuSecondsPerMillion: null as number | null }
    await publish(url, events, async (run) => {
      const { seconds, cpuSeconds } = await measured(server.pid, run)
      result = {
        perSecond: events / seconds,
        cpuSecondsPerMillion: cpuSeconds === null ? null : (cpuSeconds * 1e6) / events,
      }
    })
    return result
  })
}

/** Publishes from a process of its own; `around` is called when that is ready. */
export async function publish(
  url: string,
  events: number,
  around: (run: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const client = fork(new URL('publish-clients.ts', import.meta.url), [
    url,
    adminKey,
    String(events),
    String(connections),
  ])
  await once(client, 'message')
  let hasRun = false
  const run = async () => {
    hasRun = true
    const ended = Promise.race([
      once(client, 'message'),
      once(client, 'exit').then(() => Promise.reject(new Error('the publishers failed'))),
    ])
    client.send('go')
    await ended
  }
  await around(run)
  if (!hasRun) await run()
}
