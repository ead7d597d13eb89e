import { mkdtemp, rm } from 'node:fs/promises'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as timeout } from 'node:timers/promises'
import { Tidings } from '@tidings/client'
import { readConfig } from '../../config/config.ts'
import { freePort } from '../console/free-port.ts'
import type { Output } from '../console/output.ts'
import { startedServer } from '../console/server-start.ts'
import { type Arrival, Arrivals, latencyMs, ways } from './arrivals.ts'
import { companies, nextChange, openingState } from './changes.ts'
import { sightingOf, startIntegrator } from './integrator.ts'
import { Screen } from './screen.ts'
import { startReceiver } from './webhook-receiver.ts'

export interface DemoOptions {
  readonly port: number
  /** Stops after so many events of its own; undefined: runs until it is stopped. */
  readonly events: number | undefined
  /** Milliseconds between two changes, from and to. */
  readonly everyMs: readonly [number, number]
}

/** How long an event is waited for by the ways that it has not come by. */
const patienceMs = 5_000

/**
 * The server with an embedded store of its own, two companies that change and one integrator that
 * receives by all four ways. Nothing else is needed, and nothing is left behind.
 */
export async function demonstrate(out: Output, options: DemoOptions, signal: AbortSignal): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'tidings-demo-'))
  const screen = new Screen(out)
  const tally = new Tally()
  let printed = Promise.resolve()
  const arrivals = new Arrivals((arrival) => {
    tally.add(arrival)
    printed = printed.then(() => screen.arrival(arrival))
  })
  const clock = () => performance.timeOrigin + performance.now()
  const receiver = await startReceiver((event) => arrivals.arrived('webhook', sightingOf(event), clock()))
  try {
    const port = await freePort(options.port)
    const server = await startedServer(configFor({ data, port }), { signal })
    try {
      const access = await setUp(server)
      const publisher = new Tidings({ url: server.url, key: access.publisherKey })
      const integrator = await startIntegrator(
        { ...access.integration, url: server.url, accessTokens: access.accessTokens },
        receiver,
        (way, event) => arrivals.arrived(way, event, clock()),
        (way, error) => out.note(`The ${way} ended: ${String(error)}`),
      )
      const notes = port === options.port ? [] : [`Port ${options.port} is taken: this is port ${port}.`]
      await screen.opening({ ...access, url: server.url, receiverUrl: receiver.url }, notes)
      const reaper = setInterval(() => arrivals.endBefore(clock() - patienceMs), 250)
      const published = await publishChanges(publisher, arrivals, clock, options, signal)
      await drained(arrivals, clock)
      clearInterval(reaper)
      await printed
      await integrator.close()
      await screen.closing({ published, complete: tally.complete, median: tally.median })
    } finally {
      await server.close()
    }
  } finally {
    await receiver.close()
    await rm(data, { recursive: true, force: true })
  }
}

/** Of nothing but this: the caller's own environment and file are for the caller's own server. */
function configFor(options: { data: string; port: number }) {
  return readConfig({
    flags: {
      data: options.data,
      port: String(options.port),
      // Receivers of whoever tries it, too: all of them on this machine.
      allowNetworks: '127.0.0.0/8',
      allowHttp: 'true',
      logLevel: 'error',
    },
    env: {},
    file: devNull,
  })
}

async function setUp({ url, adminKey }: { url: string; adminKey: string | null }) {
  const operator = new Tidings({ url, key: adminKey! })
  for (const { tenantId, name } of companies) await operator.tenants.create({ id: tenantId, name })
  const { key } = await operator.keys.create({ kind: 'pub', name: 'The business application' })
  const { id, clientId, clientSecret } = await operator.integrations.create({ name: 'Ledger Sync' })
  const accessTokens: string[] = []
  for (const { tenantId } of companies)
    accessTokens.push((await operator.integrations.tokens(id).create({ tenantId })).accessToken)
  const signInUrl = await signInLink(url, adminKey!)
  return { adminKey: adminKey!, signInUrl, publisherKey: key, integration: { clientId, clientSecret }, accessTokens }
}

/** For the browser of whoever reads the terminal. */
async function signInLink(url: string, adminKey: string): Promise<string> {
  const response = await fetch(`${url}/v1/sign-in-links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ expiresInSeconds: 3_600 }),
  })
  return ((await response.json()) as { url: string }).url
}

/** At a human pace, until it is enough. */
async function publishChanges(
  publisher: Tidings,
  arrivals: Arrivals,
  clock: () => number,
  { events, everyMs: [from, to] }: DemoOptions,
  signal: AbortSignal,
): Promise<number> {
  let state = openingState
  let published = 0
  while (!signal.aborted && published !== events) {
    const next = nextChange(state, Math.random)
    state = next.state
    const startedAtMs = clock()
    const [place] = await publisher.publish(next.change.event)
    arrivals.published(place!, startedAtMs)
    published++
    await timeout(from + Math.random() * (to - from), undefined, { signal }).catch(() => {})
  }
  return published
}

/** Waits until every event has arrived, or gives up after the usual time. */
async function drained(arrivals: Arrivals, clock: () => number): Promise<void> {
  const endMs = clock() + patienceMs + 500
  while (arrivals.openCount > 0 && clock() < endMs) await timeout(20)
}

class Tally {
  complete = 0
  readonly #latencies: number[] = []

  add(arrival: Arrival): void {
    const latencies = ways.map((way) => latencyMs(arrival, way)).filter((ms) => ms !== null)
    if (latencies.length === ways.length) this.complete++
    // An event with a time of its own says nothing about how long it took.
    if (arrival.publishedAtMs === undefined) return
    this.#latencies.push(...latencies)
    if (this.#latencies.length > 100_000) this.#latencies.splice(0, 50_000)
  }

  get median(): number | undefined {
    return this.#latencies.toSorted((left, right) => left - right)[this.#latencies.length >> 1]
  }
}
