import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AppError } from '../../core/errors.ts'

/** Answers a refusal in the shape of a contract. */
export type Refuse = (error: AppError, request: FastifyRequest, reply: FastifyReply) => void

/** What is answered beside the dialect's routes, and what is told of answers. */
export interface Answers {
  /**
   * Answers what no route below the prefix does (a URL that cannot be decoded, say) in the dialect's shape.
   * The request may have passed no hook of the dialect's.
   */
  refuseBelow(prefix: string, refuse: Refuse): void
  /** Logs a failure that is the server's own: the caller is told nothing of it. */
  failed(error: unknown, requestId: string): void
}
