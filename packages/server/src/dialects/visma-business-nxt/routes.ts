import type { FastifyInstance } from 'fastify'
import type { DialectHost } from '../contract/host.ts'
import { subscriptionRoutes } from './subscription-routes.ts'
import { targetRoutes } from './target-routes.ts'

/**
 * The management interface under `/visma-nxt/v1`. The vendor has none in public, so authentication, limits
 * and errors are those of the native interface.
 */
export function nxtRoutes(scope: FastifyInstance, host: DialectHost): void {
  targetRoutes(scope, host)
  subscriptionRoutes(scope, host)
}
