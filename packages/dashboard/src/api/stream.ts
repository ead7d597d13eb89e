import { ask, segment } from './http.ts'
import { listQuery } from './registry.ts'

/** A connection that reads the log: a WebSocket, or server-sent events. */
export interface OpenStream {
  readonly id: string
  readonly kind: string
  readonly since?: string
  readonly integrationId?: string | null
  readonly address?: string
  readonly tenants: number
  readonly topics?: readonly string[]
  readonly behind: number
  readonly bufferedBytes: number
}

export const streamsQuery = () => listQuery<OpenStream>('/v1/streams')
export const disconnectStream = (id: string) => ask<void>('DELETE', `/v1/streams/${segment(id)}`)
