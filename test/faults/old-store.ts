import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { operate, type Registered, registerIntegration, subscribe } from '../harness/registration.ts'
import { ServerProcess } from '../harness/server-process.ts'
import { nextRows, nextTable } from './next-format.ts'

export const databases = ['log.db', 'registry.db', 'delivery.db'] as const

const tenantId = 9001
const eventCount = 40
/** Of the first event; the publisher's own. */
const firstId = 'old-0'

export const nextFormat = new URL('./next-format.ts', import.meta.url)

/** Runs a server that loads files before its own code, in each of its threads. */
export function loading(...files: readonly URL[]): readonly string[] {
  const imports = files.map(({ href }) => `--import=${href}`)
  return ['env', `NODE_OPTIONS=${imports.join(' ')}`]
}

/** Runs a server whose databases have one format more. */
export const withNextFormat = loading(nextFormat)

export interface OldStore {
  readonly directory: string
  readonly integration: Registered
}

/** Makes a store of this version's format: events of one tenant, and a subscription whose receiver is not there. */
export async function makeOldStore(directory: string): Promise<OldStore> {
  const server = new ServerProcess(directory)
  try {
    const url = await server.start()
    await operate(url, 'POST', '/v1/tenants', { id: tenantId, name: 'Old' })
    const integration = await registerIntegration(url, 'old', [tenantId])
    await subscribe(url, integration, { types: ['project.*'], endpoint: { url: 'http://127.0.0.1:9/' } })
    const events = Array.from({ length: eventCount }, (_, index) => eventOf(`old-${index}`, 'old'))
    await operate(url, 'POST', '/v1/events', events)
    while ((await waitingIn(url)) === 0);
    return { directory, integration }
  } finally {
    await server.stop()
  }
}

export function eventOf(id: string, text: string): object {
  return { tenantId, type: 'project.updated', entityId: '10', id, data: { text } }
}

/** What a server lacks of what the old store held; empty: nothing. */
export async function lackingOf({ integration }: OldStore, url: string): Promise<readonly string[]> {
  const feed = await fetch(`${url}/v1/topics/projects/events?limit=1000`, {
    headers: { authorization: `Bearer ${integration.accessTokens[0]}` },
  })
  const { events } = (await feed.json()) as { events?: readonly object[] }
  const { items } = await operate<{ items: readonly { integrationId: string }[] }>(url, 'GET', '/v1/subscriptions')
  const repeat = eventOf(firstId, 'old')
  const repeated = await operate<{ events: readonly { duplicate: boolean }[] }>(url, 'POST', '/v1/events', repeat)
  return [
    ...((events?.length ?? 0) >= eventCount ? [] : [`events: ${events?.length} of ${eventCount}`]),
    ...(items.some(({ integrationId }) => integrationId === integration.id) ? [] : ['the subscription']),
    ...((await waitingIn(url)) > 0 ? [] : ['waiting deliveries']),
    ...(repeated.events[0]?.duplicate ? [] : ['the ids of its events']),
  ]
}

async function waitingIn(url: string): Promise<number> {
  const { items } = await operate<{ items: readonly unknown[] }>(url, 'GET', '/v1/deliveries?status=waiting')
  return items.length
}

/** The databases of a stopped server that have not reached the next format, or not all of it. */
export function notMigrated(directory: string): readonly string[] {
  return databases.filter((name) => {
    const database = new DatabaseSync(join(directory, name))
    try {
      const { user_version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
      const { rows } = database.prepare(`SELECT count(*) AS rows FROM ${nextTable}`).get() as { rows: number }
      return user_version !== 2 || rows !== nextRows
    } finally {
      database.close()
    }
  })
}
