import { mkdtemp, rm } from 'node:fs/promises'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tidings } from '@tidings/client'
import { standIns } from '../../compose.ts'
import { readConfig } from '../../config/config.ts'
import { MovableClock } from '../../core/time/movable-clock.ts'
import { freePort } from '../console/free-port.ts'
import type { Output } from '../console/output.ts'
import { startedServer } from '../console/server-start.ts'
import { type StandInAccess, showAccess } from './access-screen.ts'

const parent = { tenantId: 29300, name: 'Nord Gruppen' }
const companies = [
  { tenantId: 29302, name: 'Bygg AB' },
  { tenantId: 41877, name: 'Fjord AS' },
] as const

/** The server as a stand-in for one system, over a store of its own that is gone when it ends. */
export async function standIn(
  out: Output,
  options: { readonly dialect: string; readonly port: number; readonly host: string },
  signal: AbortSignal,
): Promise<void> {
  const { dialect, host } = options
  const data = await mkdtemp(join(tmpdir(), 'tidings-emulate-'))
  try {
    const port = await freePort(options.port, host)
    const server = await startedServer(configFor(data, host, port), {
      emulation: { dialect, clock: new MovableClock() },
      signal,
    })
    try {
      const access = await seed(server.url, server.adminKey!, dialect)
      if (port !== options.port) out.note(`Port ${options.port} is taken: this is port ${port}.`)
      await showAccess(out, access)
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      await server.close()
    }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

const loopback = '127.0.0.0/8,::1'
const privateNetworks = '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7'

/**
 * Of nothing but this: the caller's own environment and file are for the caller's own server. Endpoints
 * may be plain http: a test's receiver has no certificate. They are this machine's own; where the stand-in
 * listens to other machines, its receivers may be on them, as containers are.
 */
function configFor(data: string, host: string, port: number) {
  const isLoopback = /^(127\.|::1$|localhost$)/.test(host)
  return readConfig({
    flags: {
      data,
      host,
      port: String(port),
      allowNetworks: isLoopback ? loopback : `${loopback},${privateNetworks}`,
      allowHttp: 'true',
      logLevel: 'error',
      drainSeconds: '1',
    },
    env: {},
    file: devNull,
  })
}

async function seed(url: string, adminKey: string, dialect: string): Promise<StandInAccess> {
  const operator = new Tidings({ url, key: adminKey })
  await operator.tenants.create({ id: parent.tenantId, name: parent.name })
  for (const { tenantId, name } of companies)
    await operator.tenants.create({ id: tenantId, name, parentId: parent.tenantId })
  const { key: publisherKey } = await operator.keys.create({ kind: 'pub', name: 'The emulated system' })
  const { id, clientId, clientSecret } = await operator.integrations.create({ name: 'The integration under test' })
  const tenants = []
  for (const company of companies) {
    const { accessToken } = await operator.integrations.tokens(id).create({ tenantId: company.tenantId })
    tenants.push({ ...company, accessToken })
  }
  const credentials = await standIns.accessOf(dialect, { url, clientId, clientSecret, parent, tenants })
  return {
    dialect,
    url,
    adminKey,
    publisherKey,
    integration: { id, clientId, clientSecret },
    parent,
    tenants,
    credentials: credentials ?? { baseUrl: `${url}/v1`, clientId, clientSecret, tenants },
    environment: { TIDINGS_URL: url, TIDINGS_KEY: adminKey },
  }
}
