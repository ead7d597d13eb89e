import type { FastifyRequest } from 'fastify'
import { type Owner, ownerFor } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'

/** For whom the caller looks after subscriptions and deliveries. @throws AppError `forbidden` */
export function ownerOf(request: FastifyRequest): Owner {
  const owner = ownerFor(request.caller)
  if (!owner) throw new AppError('forbidden', 'This route is for integrations and the operator.')
  return owner
}
