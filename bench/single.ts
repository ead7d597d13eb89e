import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { adminKey } from '../test/harness/server-process.ts'
import type { Figure } from './figure.ts'
import { measured, withServer } from './server.ts'

const connections = 64

type Rate = Pick<Figure, 'perSecond' | 'cpuSecondsPerMillion'>

/** Durable publishing, one event a request, beside a bare Fastify server that keeps nothing. */
export async function measureSingle(events: number): Promise<Figure[]> {
  const bare = await measureBare(events)
  const tidings = await withServer((url, server) => measureClients(url, server.pid, events))
  const ratio = (tidings.cpuSecondsPerMillion ?? 0) / (bare.cpuSecondsPerMillion ?? 1)
  return [
    { what: `Fastify, ${connections} connections`, unit: 'requests/s', ...bare, baseline: null, target: null },
    {
      what: `publish: HTTP, one event a request, ${connections} connections`,
      unit: 'events/s',
      ...tidings,
      baseline: { what: 'bare Fastify', perSecond: bare.perSecond },
      target: { text: `CPU ≤ 1.6 × bare (${ratio.toFixed(2)})`, isMet: ratio <= 1.6 },
    },
  ]
}

async function measureBare(events: number): Promise<Rate> {
  const server = fork(new URL('bare-fastify.ts', import.meta.url))
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    return await measureClients(`http://127.0.0.1:${port}`, server.pid, events)
  } finally {
    server.disconnect()
  }
}

async function measureClients(url: string, pid: number | undefined, events: number): Promise<Rate> {
  const clients = fork(new URL('single-clients.ts', import.meta.url), [
    url,
    adminKey,
    String(events),
    String(connections),
  ])
  await messageOf(clients)
  const { seconds, cpuSeconds } = await measured(pid, async () => {
    clients.send('go')
    await messageOf(clients)
  })
  return { perSecond: events / seconds, cpuSecondsPerMillion: cpuSeconds === null ? null : (cpuSeconds * 1e6) / events }
}

async function messageOf(child: ChildProcess): Promise<void> {
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('the publishing clients failed')))
  failed.catch(() => {})
  await Promise.race([once(child, 'message'), failed])
}
