import { ask, segment } from './http.ts'
import { listQuery } from './registry.ts'

/** A connection that reads the log. */
export interface OpenStream {
  readonly id: string
  readonly transport: 'websocket' | 'sse'
  readonly dialect: string
  readonly address: string
  readonly connectedAt: string
  /** Empty: the application, or nobody yet. */
  readonly integrationIds: readonly string[]
  /** How many; null: all that its key shows. */
  readonly tenants: number | null
  readonly topics: readonly string[]
  /** Events that it has yet to read, at most; null: it follows nothing yet. */
  readonly behind: number | null
  /** How far it has read, over all topics; null: it follows nothing yet. */
  readonly resumeToken: string | null
  readonly bufferedBytes: number
}

export const streamsQuery = () => listQuery<OpenStream>('/v1/streams')
export const disconnectStream = (id: string) => ask<void>('DELETE', `/v1/streams/${segment(id)}`)
