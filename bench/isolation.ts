import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { operate, registerIntegration, subscribe } from '../test/harness/registration.ts'
import { withServer } from './server.ts'

/** Events a second for the good endpoint, and how many are measured at a time. */
const perSecond = 100
const windowEvents = 1_000
/** Both ways; what is told is the median of the windows, since a disk's rare long sync is no neighbour's doing. */
const windows = 5
/** How often every hostile endpoint gets an event. */
const hostileEveryMs = 2_000

export interface Isolation {
  readonly hostile: number
  readonly alone: Latency
  readonly beside: Latency
  /** Requests that hostile endpoints got meanwhile. */
  readonly hostileRequests: number
}

interface Latency {
  readonly p50: number
  readonly p99: number
  readonly residentMiB: number | null
}

/** How long a good endpoint waits for its events, alone and beside hostile ones, in one run. */
export async function measureIsolation(hostile: number): Promise<Isolation> {
  const good = fork(new URL('latency-receiver.ts', import.meta.url))
  const bad = fork(new URL('hostile-receivers.ts', import.meta.url))
  yieldProcessors(bad)
  try {
    const [[{ port: goodPort }], [{ port: badPort }]] = (await Promise.all([
      once(good, 'message'),
      once(bad, 'message'),
    ])) as [[{ port: number }], [{ port: number }]]
    return await withServer(async (url, server) => {
      await operate(url, 'POST', '/v1/tenants', { id: 1 })
      const integration = await registerIntegration(url, 'good', [1])
      await subscribe(url, integration, { endpoint: { url: `http://127.0.0.1:${goodPort}/` }, types: ['invoice.*'] })
      await deliver(url, good, 200)
      const alone = await measureWindows(url, good, server.pid)
      const foreign = await registerIntegration(url, 'hostile', [1])
      for (let index = 0; index < hostile; index += 1) {
        await subscribe(url, foreign, { endpoint: { url: `http://127.0.0.1:${badPort}/${index}` }, types: ['order.*'] })
      }
      const ending = new AbortController()
      const feeding = feedHostile(url, ending.signal)
      await pause(hostileEveryMs)
      const beside = await measureWindows(url, good, server.pid)
      ending.abort()
      await feeding
      bad.send('count')
      const [{ requests }] = (await once(bad, 'message')) as [{ requests: number }]
      return { hostile, alone, beside, hostileRequests: requests }
    })
  } finally {
    good.disconnect()
    bad.disconnect()
  }
}

/**
 * The hostile receivers stand for other machines: what they compute themselves must not be felt. On Linux they run
 * when nobody else does (sched(7): SCHED_IDLE, by util-linux's chrt), elsewhere behind all others.
 */
function yieldProcessors({ pid }: ChildProcess): void {
  const { status } = spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(pid)], { stdio: 'ignore' })
  if (status !== 0) setPriority(pid!, 19)
}

export function isolationReport({ hostile, alone, beside, hostileRequests }: Isolation): string {
  const line = (what: string, { p50, p99, residentMiB }: Latency) =>
    `${what.padEnd(34)} p50 ${String(p50).padStart(5)} ms   p99 ${String(p99).padStart(5)} ms   ${residentMiB ?? '?'} MiB resident`
  const growth = ((beside.p99 / Math.max(1, alone.p99) - 1) * 100).toFixed(0)
  return [
    line('a good endpoint alone', alone),
    line(`beside ${hostile.toLocaleString('en')} hostile ones`, beside),
    `p99 grew by ${growth} % (target ≤ 10 %); hostile endpoints got ${hostileRequests.toLocaleString('en')} requests`,
  ].join('\n')
}

async function feedHostile(url: string, signal: AbortSignal): Promise<void> {
  for (let index = 0; !signal.aborted; index += 1) {
    await operate(url, 'POST', '/v1/events', { tenantId: 1, type: 'order.updated', entityId: String(index) })
    await pause(hostileEveryMs, undefined, { signal }).catch(() => {})
  }
}

/** Publishes at a steady pace and returns the latencies of all. */
async function deliver(url: string, receiver: ChildProcess, count: number): Promise<number[]> {
  receiver.send(count)
  const arrived = once(receiver, 'message')
  const startedMs = performance.now()
  for (let index = 0; index < count; index += 1) {
    const dueMs = startedMs + (index * 1_000) / perSecond
    await pause(Math.max(0, dueMs - performance.now()))
    const time = new Date().toISOString()
    await operate(url, 'POST', '/v1/events', { tenantId: 1, type: 'invoice.updated', entityId: String(index), time })
  }
  const [{ latencies }] = (await arrived) as [{ latencies: number[] }]
  return latencies
}

async function measureWindows(url: string, receiver: ChildProcess, pid: number | undefined): Promise<Latency> {
  const measured: number[][] = []
  for (let window = 0; window < windows; window += 1) measured.push(await deliver(url, receiver, windowEvents))
  const median = (share: number) =>
    at(
      measured.map((latencies) => at(latencies, share)),
      0.5,
    )
  return { p50: median(0.5), p99: median(0.99), residentMiB: residentMiB(pid) }
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Linux only (proc(5)). */
function residentMiB(pid: number | undefined): number | null {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? null : Math.round(Number(kib) / 1_024)
  } catch {
    return null
  }
}
