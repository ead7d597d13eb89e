import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { shareCount } from '../core/delivery/shares.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import type { Readiness } from '../http/readiness.ts'
import type { ServerNode } from '../http/routes/nodes.ts'
import { version } from '../process/version.ts'
import type { Foundation } from './foundation.ts'

/** This process, which is the only one over its store. */
export function soleNode(
  app: FastifyInstance,
  { config }: Foundation,
  now: { readonly webhooks: Webhooks; readonly readiness: Pick<Readiness, 'isStopping'>; readonly since: string },
): ServerNode {
  const { address, family, port } = app.server.address() as AddressInfo
  const host = family === 'IPv6' ? `[${address}]` : address
  return {
    id: `${hostname()}:${port}`,
    url: config.publicUrl === '' ? `http://${host}:${port}` : config.publicUrl,
    ...{ version, since: now.since, shares: shareCount, behind: now.webhooks.lag },
    status: now.readiness.isStopping ? 'draining' : 'ready',
  }
}
