import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { TokenGrant } from '../contract/credentials.ts'
import { TripletexError } from './refusal.ts'
import type { LiveSession } from './sessions.ts'

/** Who calls: a session, and the company that it acts for. */
export interface TripletexCaller {
  readonly live: LiveSession
  readonly grant: TokenGrant
  /** The access token's own company, or one below it. */
  readonly companyId: TenantId
}

/** A request as the handlers see it. */
export interface TripletexRequest {
  readonly params: Readonly<Record<string, string>>
  /** A parameter that is there twice is an array. */
  readonly query: Readonly<Record<string, string | readonly string[]>>
  /** The body as plain data; undefined without one. @throws TripletexError */
  readonly body: () => unknown
  readonly ifNoneMatch: string | undefined
  /** By which the client reached the server, with its port. */
  readonly host: string
  readonly address: string
}

export interface TripletexAnswer {
  readonly status: 200 | 201 | 204 | 304
  /** JSON text. */
  readonly body: string | null
}

export interface OpenHandler {
  readonly isOpen: true
  readonly handle: (request: TripletexRequest) => TripletexAnswer | Promise<TripletexAnswer>
}

export interface GuardedHandler {
  readonly isOpen?: false
  readonly handle: (request: TripletexRequest, caller: TripletexCaller) => TripletexAnswer | Promise<TripletexAnswer>
}

export const takenMethods = ['GET', 'POST', 'PUT', 'DELETE'] as const

/** One path with all that it takes; any other method is the vendor's 400. */
export interface TripletexRoute {
  /** As the router writes it, below `/v2`. */
  readonly url: string
  readonly methods: Readonly<Partial<Record<(typeof takenMethods)[number], OpenHandler | GuardedHandler>>>
}

export function value(status: 200 | 201, text: string): TripletexAnswer {
  return { status, body: `{"value":${text}}` }
}

export const noContent: TripletexAnswer = { status: 204, body: null }

/** The one value of a query parameter; undefined when it is missing or blank. @throws TripletexError */
export function parameter({ query }: TripletexRequest, name: string): string | undefined {
  const given = query[name]
  if (typeof given !== 'string' && given !== undefined) {
    throw new TripletexError('parameter', `${name} is given more than once`, {
      validationMessages: [{ field: name, message: 'May be given once.', path: null }],
    })
  }
  return given === undefined || given.trim() === '' ? undefined : given
}
