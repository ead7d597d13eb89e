import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { shareCount } from '../core/delivery/shares.ts'
import type { Readiness } from './readiness.ts'

/** A process of the server. */
export interface ServerNode {
  readonly id: string
  readonly url: string
  readonly version: string
  /** RFC 3339. */
  readonly since: string
  readonly shares: number
  readonly behind: number
  readonly status: 'ready' | 'draining'
}

/** This process, which is the only one over its store. */
export function soleNode(
  app: FastifyInstance,
  publicUrl: string,
  now: {
    readonly webhooks: { readonly lag: number }
    readonly readiness: Pick<Readiness, 'isStopping'>
    readonly since: string
    readonly version: string
  },
): ServerNode {
  const { address, family, port } = app.server.address() as AddressInfo
  const host = family === 'IPv6' ? `[${address}]` : address
  return {
    id: `${hostname()}:${port}`,
    url: publicUrl === '' ? `http://${host}:${port}` : publicUrl,
    ...{ version: now.version, since: now.since, shares: shareCount, behind: now.webhooks.lag },
    status: now.readiness.isStopping ? 'draining' : 'ready',
  }
}
