import { adminKey } from '../test/harness/server-process.ts'
import type { Figure } from './figure.ts'
import type { LogRates } from './log.ts'
import { publish } from './publish.ts'
import { measured, withServer } from './server.ts'

const topics = ['invoices', 'customers', 'suppliers', 'orders', 'articles']

/** Everything read again from the beginning: by the log engine and over the feed, beside a bare SELECT loop. */
export async function measureReplay(events: number, log: LogRates): Promise<Figure[]> {
  const feed = await measureFeed(events)
  const baseline = { what: 'bare selects', perSecond: log.bareSelect.perSecond }
  return [
    { what: 'node:sqlite, rows by 1,000', unit: 'events/s', ...log.bareSelect, baseline: null, target: null },
    { what: 'replay: the log alone', unit: 'events/s', ...log.replay, baseline, target: null },
    { what: 'replay: HTTP feed, pages of 1,000, a reader a topic', unit: 'events/s', ...feed, baseline, target: null },
  ]
}

function measureFeed(events: number): Promise<{ perSecond: number; cpuSecondsPerMillion: number | null }> {
  return withServer(async (url, server) => {
    await publish(url, events, (run) => run())
    await Promise.all(topics.map((topic) => readTopic(url, topic, events / topics.length / 4)))
    const { seconds, cpuSeconds } = await measured(server.pid, () =>
      Promise.all(topics.map((topic) => readTopic(url, topic, events / topics.length))),
    )
    const cpuSecondsPerMillion = cpuSeconds === null ? null : (cpuSeconds * 1e6) / events
    return { perSecond: events / seconds, cpuSecondsPerMillion }
  })
}

async function readTopic(url: string, topic: string, atLeast: number): Promise<void> {
  let after = ''
  for (let count = 0; count < atLeast; count += 1_000) {
    const response = await fetch(`${url}/v1/topics/${topic}/events?limit=1000${after}`, {
      headers: { authorization: `Bearer ${adminKey}` },
    })
    const text = await response.text()
    const next = /"next":"([^"]+)"/.exec(text.slice(-300))?.[1]
    if (!response.ok || next === undefined) throw new Error(`the feed answered with ${response.status}`)
    after = `&after=${next}`
  }
}
