import type { AnyCatalogue, CatalogueOf } from '../catalogue.ts'
import { SignatureError } from '../errors.ts'
import { type FastifyPlugin, fastifyPlugin } from './frameworks/fastify.ts'
import { type HonoContext, honoHandler } from './frameworks/hono.ts'
import { type NodeHandler, nodeHandler } from './frameworks/node.ts'
import { fetchHandler } from './frameworks/web.ts'
import { MemorySeenDeliveries, type SeenDeliveries } from './seen-deliveries.ts'
import { secretsOf } from './verify-webhook.ts'
import type { Verified, WebhookAnswer, WebhookContract } from './webhook-contract.ts'
import { webhookContracts } from './webhook-contracts.ts'
import type { WebhookDialect, WebhookEvents } from './webhook-events.ts'
import type { WebhookRequest } from './webhook-request.ts'

/** What the handler learns beside the event. */
export interface DeliveryContext {
  /** The same on every attempt. */
  readonly deliveryId: string
}

interface ReceiveOptionsOf<D extends WebhookDialect, Event> {
  readonly dialect: D
  /** As those of `verifyWebhook`; a function is asked at every delivery, as while secrets are rotated. */
  readonly secrets: string | readonly string[] | (() => Promise<readonly string[]> | readonly string[])
  /**
   * Does the work, or puts it where it is safe: the delivery is answered as delivered once this resolves. When it
   * throws, the answer is 500 and the delivery comes again. The events of a batch come one after the other.
   */
  readonly handle: (event: Event, context: DeliveryContext) => Promise<void> | void
  /** Default: in memory, the last 100,000. */
  readonly seen?: SeenDeliveries | undefined
  /** How far the signed time may be from now, either way; default 300. */
  readonly toleranceSeconds?: number | undefined
  /** A larger body is answered with 413; default 16 MiB, the most that Tidings sends. */
  readonly maxBodyBytes?: number | undefined
  /** The handler, the store or a wrong secret of yours failed; the answer was 500. Default: `console.error`. */
  readonly onError?: ((error: unknown, context: Partial<DeliveryContext>) => void) | undefined
  /** A request was not believed, or could not be read; the answer was 400. */
  readonly onRefused?: ((error: Error) => void) | undefined
  /** `cloudevents`: which senders may have consent, as `hooks.example.com`; default: any. */
  readonly origins?: readonly string[] | undefined
  /** Epoch milliseconds; default the system's clock. */
  readonly now?: (() => number) | undefined
}

export type ReceiveOptions<C extends CatalogueOf<C> = AnyCatalogue> = {
  [D in WebhookDialect]: ReceiveOptionsOf<D, WebhookEvents<C>[D]>
}[WebhookDialect]

/** One endpoint, for each kind of server. */
export interface Receiver {
  /** For `node:http` and Express: `createServer(receiver.node)`, `app.all('/hook', receiver.node)`. */
  readonly node: NodeHandler
  /** For Fastify: `app.register(receiver.fastify, { url: '/hook' })`. Its parsers of bodies stay outside. */
  readonly fastify: FastifyPlugin
  /** For Hono: `app.all('/hook', receiver.hono)`. */
  readonly hono: (context: HonoContext) => Promise<Response>
  /** For everything that has web requests: Deno, Bun, Cloudflare, Next. */
  readonly fetch: (request: Request) => Promise<Response>
}

/**
 * Receives webhooks: verifies the signature over the body as it came, checks the time, leaves out deliveries that were
 * handled, hands over events, and answers what the dialect counts as success.
 *
 *   const receiver = receive({ dialect: 'standard', secrets: 'whsec_…', handle: async (event) => { … } })
 *   app.all('/hook', receiver.node)
 *
 * | answer | when |
 * |---|---|
 * | 204 (`moneybird`: 200) | handled, now or before |
 * | 400 | not genuine, too old, not to be read: `onRefused` |
 * | 413, 405 | too large; a method that is none of the dialect's |
 * | 500 | the handler threw, so the delivery comes again: `onError` |
 *
 * @throws SignatureError `invalid_key` without a secret
 */
export function receive<C extends CatalogueOf<C> = AnyCatalogue>(options: ReceiveOptions<C>): Receiver {
  const endpoint = new Endpoint(options as unknown as EndpointOptions)
  const terms = {
    methods: endpoint.contract.methods,
    maxBodyBytes: options.maxBodyBytes ?? 16 * 1024 * 1024,
    answer: (request: WebhookRequest) => endpoint.answer(request),
    fail: (error: unknown) => endpoint.fail(error, {}),
  }
  return {
    node: nodeHandler(terms),
    fastify: fastifyPlugin(terms),
    hono: honoHandler(terms),
    fetch: fetchHandler(terms),
  }
}

type EndpointOptions = ReceiveOptionsOf<WebhookDialect, unknown>

class Endpoint {
  readonly #options: EndpointOptions
  readonly contract: WebhookContract<unknown>
  readonly #seen: SeenDeliveries
  /** By key: a delivery that comes again while it is being handled has the same outcome. */
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(options: EndpointOptions) {
    if (typeof options.secrets !== 'function') secretsOf(options.secrets)
    this.#options = options
    this.contract = webhookContracts[options.dialect]
    this.#seen = options.seen ?? new MemorySeenDeliveries()
  }

  async answer(request: WebhookRequest): Promise<WebhookAnswer> {
    const { methods, successStatus } = this.contract
    if (!methods.includes(request.method)) return { status: 405, headers: { allow: methods.join(', ') } }
    const { origins } = this.#options
    const greeting = this.contract.greet?.(request, (origin) => origins?.includes(origin) ?? true)
    if (greeting) return greeting
    let verified: Verified<unknown>
    try {
      verified = await this.#verify(request)
    } catch (error) {
      if (!isRefusal(error)) return this.fail(error, {})
      this.#options.onRefused?.(error)
      return { status: 400, body: error.message }
    }
    const { deliveryId, events, eventKeys } = verified
    try {
      for (const [index, event] of events.entries())
        await this.#once(eventKeys?.[index] ?? deliveryId, async () => this.#options.handle(event, { deliveryId }))
      return { status: successStatus }
    } catch (error) {
      return this.fail(error, { deliveryId })
    }
  }

  fail(error: unknown, context: Partial<DeliveryContext>): WebhookAnswer {
    const { onError = (failure) => console.error(failure) } = this.#options
    onError(error, context)
    // Not what went wrong: the sender keeps what it is answered, and shows it.
    return { status: 500, body: 'The receiver failed. Send the delivery again.' }
  }

  async #verify(request: WebhookRequest): Promise<Verified<unknown>> {
    const { secrets, toleranceSeconds = 300, now = Date.now } = this.#options
    const given = typeof secrets === 'function' ? await secrets() : secrets
    return this.contract.verify(request, { secrets: secretsOf(given), toleranceSeconds, nowMs: now() })
  }

  async #once(key: string, work: () => Promise<void>): Promise<void> {
    const other = this.#underWay.get(key)
    if (other) return other
    const mine = (async () => {
      if (await this.#seen.has(key)) return
      await work()
      await this.#seen.add(key)
    })()
    this.#underWay.set(key, mine)
    try {
      await mine
    } finally {
      this.#underWay.delete(key)
    }
  }
}

/** A secret that is none is the receiver's own fault, not the request's. */
function isRefusal(error: unknown): error is SignatureError | SyntaxError {
  if (error instanceof SignatureError) return error.code !== 'invalid_key'
  return error instanceof SyntaxError
}
