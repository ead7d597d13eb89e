import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../../core/errors.ts'
import type { DialectHost } from '../contract/host.ts'
import { judgeHandshakeCallback, rateOf } from './handshake.ts'

const path = '/cloudevents/v1/consent'
/** Nothing of a body is read; a receiver may send one all the same. */
const bodyBytes = 16 * 1024

const schema = {
  summary: 'Consent to deliveries',
  description:
    'The `WebHook-Request-Callback` of a validation handshake (HTTP 1.1 Web Hooks for Event Delivery, §4.1.3). ' +
    'The key in it is all the authority that is needed; it serves once, within seven days.',
  tags: ['Dialect cloudevents'],
  params: Type.Object({
    id: Type.String({ description: 'The subscription.' }),
    key: Type.String({ description: 'As it stood in the question.' }),
  }),
  headers: Type.Object({
    'webhook-allowed-rate': Type.Optional(
      Type.String({ description: 'Requests a minute that the receiver allows; `*`, or absent: any number.' }),
    ),
  }),
  response: {
    200: { description: 'Deliveries begin.', content: { 'text/plain': { schema: Type.String() } } },
  },
}

/** The `WebHook-Request-Callback` of a question: whoever calls it read the question. */
export function consentUrl(publicUrl: string, subscriptionId: string, key: string): string {
  return `${publicUrl}${path}/${subscriptionId}/${key}`
}

/**
 * The other half of the validation handshake (`handshake.ts`, §4.1.3): a receiver consents by GET or POST
 * of the URL that it was given, at the rate of its `WebHook-Allowed-Rate`, if it sends one. The key in the
 * URL is all its authority, and it serves once.
 */
export async function cloudEventsRoutes(
  scope: FastifyInstance,
  { consents, limits }: Pick<DialectHost, 'consents' | 'limits'>,
): Promise<void> {
  await scope.register(async (consent) => {
    consent.removeAllContentTypeParsers()
    consent.addContentTypeParser('*', { parseAs: 'string', bodyLimit: bodyBytes }, (_request, _body, done) =>
      done(null),
    )
    consent.route({
      method: ['GET', 'POST'],
      url: `${path}/:id/:key`,
      schema,
      handler: async (request, reply) => {
        // Whoever looks at a link before it is followed must not use it up.
        if (!request.isHead) await take(request)
        return reply.type('text/plain; charset=utf-8').send('Deliveries to this endpoint are allowed now.\n')
      },
    })
  })

  async function take(request: FastifyRequest): Promise<void> {
    const { id, key } = request.params as { readonly id: string; readonly key: string }
    const allowedRate = request.headers['webhook-allowed-rate']
    const verdict = judgeHandshakeCallback(typeof allowedRate === 'string' ? allowedRate : undefined)
    if (verdict.kind !== 'granted') {
      throw new AppError(
        'malformed_request',
        'WebHook-Allowed-Rate must be a positive number of requests a minute, or *.',
      )
    }
    if (await consents.consent(id, key, rateOf(verdict))) return
    limits.wrongCredential(request.ip)
    throw new AppError(
      'not_found',
      'Nobody is waiting for this consent. It was given before, it came too late, or the URL is wrong.',
    )
  }
}
