import type { WebhookAnswer } from '../webhook-contract.ts'
import type { WebhookRequest } from '../webhook-request.ts'

/** What a framework's adapter has to do with: it brings a request with its raw body, and takes an answer back. */
export interface EndpointTerms {
  readonly methods: readonly string[]
  readonly maxBodyBytes: number
  answer(request: WebhookRequest): Promise<WebhookAnswer>
  /** The adapter itself cannot do its part. */
  fail(error: unknown): WebhookAnswer
}

export const tooLarge: WebhookAnswer = { status: 413, headers: { connection: 'close' } }

/** @returns an error for whoever put the receiver behind a parser of bodies */
export function parsedBefore(advice: string): Error {
  return new Error(
    `The body of a webhook was parsed before it could be verified, and a body that is written again is another text. ${advice}`,
  )
}
