import type { FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'

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
