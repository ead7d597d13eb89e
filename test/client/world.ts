import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { type ReceivedEvent, Tidings } from '../../packages/client/src/index.ts'
import { adminKey, ServerProcess } from '../harness/server-process.ts'
import { TcpProxy } from './tcp-proxy.ts'

// A test starts the server up to five times, on a machine that may be busy: the limit is there to end what hangs.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

/** A real server as a process of its own, behind an address that stays over its restarts, with one tenant. */
export interface World extends AsyncDisposable {
  /** The proxy's: for the clients under test. */
  readonly url: string
  readonly proxy: TcpProxy
  readonly server: ServerProcess
  /** A folder for what the clients keep. */
  readonly folder: string
  readonly key: string
  /** Not through the proxy, so that what is done to the connections of others concerns it not. */
  operator(): Tidings
  start(): Promise<void>
  /** Drains it, as before an update. */
  stop(): Promise<void>
  kill(): Promise<void>
  /** Publishes events of `from` to `from + count - 1`, named by their entity ids. */
  publish(from: number, count: number): Promise<void>
  /** What the topic holds, in its order. */
  log(): Promise<readonly ReceivedEvent[]>
}

export const tenantId = 29302

export async function startWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-client-world-'))
  const proxy = await TcpProxy.start()
  const server = new ServerProcess(join(folder, 'data'))
  let direct = ''
  const operator = () => new Tidings({ url: direct, key: adminKey })
  const world: World = {
    url: proxy.url,
    proxy,
    server,
    folder,
    key: adminKey,
    operator,
    async start() {
      direct = await server.start()
      proxy.leadTo(direct)
    },
    async stop() {
      // A server that drains listens no more, so the proxy leads nowhere from here on.
      proxy.leadTo(null)
      await server.stop()
    },
    async kill() {
      proxy.leadTo(null)
      await server.kill()
    },
    async publish(from, count) {
      const events = Array.from({ length: count }, (_, index) => eventOf(from + index))
      await operator().publish(events)
    },
    log: () => Array.fromAsync(operator().feed('invoices').untilEnd()),
    async [Symbol.asyncDispose]() {
      await server.kill()
      await proxy[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await world.start()
  await operator().tenants.create({ id: tenantId, name: 'Bygg AB' })
  return world
}

export function eventOf(number: number) {
  return { tenantId, type: 'invoice.updated', entityId: String(number), data: { id: number, note: 'x'.repeat(200) } }
}

/** Entity ids from `from` to `from + count - 1`. */
export function idsOf(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(from + index))
}
