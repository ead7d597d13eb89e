import type { FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import { decodeCursor, encodeCursor } from '../../core/ids/cursor.ts'

/** The application that calls: an integration with its client secret. */
export interface Application {
  readonly kind: 'integrator'
  readonly integrationId: string
  readonly tenantId: null
  readonly token: null
}

/** @throws AppError `forbidden` for an access token: targets are the application's, not one company's. */
export function applicationOf({ caller }: FastifyRequest): Application {
  if (caller.kind === 'integrator' && caller.tenantId === null) {
    return { kind: 'integrator', integrationId: caller.integrationId, tenantId: null, token: null }
  }
  throw new AppError('forbidden', 'This route is for integrations. Authenticate with `Basic clientId:clientSecret`.')
}

export function refusal(field: string, code: string, detail: string): AppError {
  return new AppError('invalid_request', 'The request has faults. Fix the problems listed in `errors`.', {
    errors: [{ pointer: `/${field}`, code, detail }],
  })
}

/** One page of a list, by `?cursor=` and `?limit=`. */
export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  query: unknown,
): { readonly items: readonly T[]; readonly next: string | null } {
  const { cursor, limit } = query as { cursor?: string; limit?: string }
  const size = Number(limit ?? 100)
  const [after] = cursor === undefined ? [] : decodeCursor(cursor, ['string'])
  // Ids sort by the time they were made.
  const rest = after === undefined ? all : all.filter(({ id }) => id > after)
  const items = rest.slice(0, size)
  return { items, next: rest.length > size ? encodeCursor([items.at(-1)!.id]) : null }
}
