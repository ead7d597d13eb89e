import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Caller } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { Session } from '../../core/registry/registry.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import type { CallerCredentials } from '../../registry/authenticate.ts'
import { Faults, type RequestInput } from '../../registry/faults.ts'
import { requireSafeOrigin } from '../foreign-requests.ts'
import {
  appearance,
  portalLink,
  portalLinkInput,
  sessionInput,
  sessionOutput,
  signInLinkInput,
} from '../schemas/session.ts'
import { type CookieName, clearPass, setPass } from '../session-cookie.ts'
import type { SessionPasses } from '../session-passes.ts'
import type { SignIns } from '../sign-ins.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that the request was made with; null: it brought a key. */
    session: { readonly session: Session; readonly name: CookieName; readonly endsAtMs: number } | null
  }
}

export interface SessionRoutesDeps {
  readonly signIns: SignIns
  readonly passes: Pick<SessionPasses, 'refuseForeign'>
}

const everyone: readonly Caller['kind'][] = ['operator', 'publisher', 'integrator', 'portal']
const tags = ['Sessions']

export function sessionRoutes(app: FastifyInstance, { signIns, passes }: SessionRoutesDeps): void {
  app.decorateRequest('session', null)

  app.post('/v1/session', {
    config: { describedBody: sessionInput, refusals: ['unauthorized', 'forbidden', 'authority_unavailable'] },
    schema: {
      summary: 'Sign in',
      description:
        'Sets the cookie of a session, which every route takes in place of the credentials. Requests with the cookie that change something need the header `X-Tidings-Session: 1`. A session ends 12 hours after it began, an hour after it was last used, when its key ends, and by signing out.',
      tags,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      passes.refuseForeign(request)
      requireSafeOrigin(request)
      const given = readInput(request.body)
      const begun = 'link' in given ? await signIns.follow(given.link, request) : await signIns.signIn(given, request)
      // For those who are told who made the request.
      request.caller = begun.caller
      setPass(request, reply, begun.use, begun.sealed)
      return reply.code(204).send()
    },
  })

  portalRoute(app, signIns)
  signInLinkRoute(app, signIns)
  appearanceRoute(app, signIns)

  app.get('/v1/session', {
    config: { callers: everyone },
    serializerCompiler: () => (data) => jsonText(data),
    schema: { summary: 'Who is signed in, or whose key it is', tags, response: { 200: sessionOutput } },
    handler: async ({ caller, session }) => show(caller, session),
  })

  app.delete('/v1/session', {
    config: { callers: everyone, refusals: ['not_found'] },
    schema: { summary: 'Sign out', tags, response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      if (!request.session)
        throw new AppError('not_found', 'The request came with a key, so there is no session to end.')
      await signIns.signOut(request.session.session.id)
      clearPass(reply, request.session.name)
      return reply.code(204).send()
    },
  })
}

function portalRoute(app: FastifyInstance, signIns: SignIns): void {
  app.post('/v1/portal-links', {
    config: { callers: ['operator'], describedBody: portalLinkInput },
    schema: {
      summary: 'Make a link to the pages of one integration',
      description:
        'Whoever opens the link first is signed in for the integration, or for one of its tenants. It works once. Revoking the key that made the link ends the link and its sessions.',
      tags,
      response: { 201: portalLink },
    },
    handler: async (request, reply) => reply.code(201).send(await signIns.openPortal(inputOf(request.body), request)),
  })
}

const signInLinkSeconds = 300

function signInLinkRoute(app: FastifyInstance, signIns: SignIns): void {
  app.post('/v1/sign-in-links', {
    config: { callers: ['operator'] },
    schema: {
      summary: "Make a link that signs in with the caller's key",
      description: 'For somebody at a terminal who goes on in a browser. It works once.',
      tags,
      body: signInLinkInput,
      response: { 201: portalLink },
    },
    handler: async (request, reply) => {
      const { expiresInSeconds = signInLinkSeconds } = request.body as Static<typeof signInLinkInput>
      return reply.code(201).send(await signIns.inviteOperator(expiresInSeconds, request))
    },
  })
}

function appearanceRoute(app: FastifyInstance, signIns: SignIns): void {
  app.get('/v1/appearance', {
    schema: {
      summary: 'Name, logo and colours of the application',
      description:
        "For pages, before somebody signs in as well. In a portal's session, what its link says goes before what the configuration says.",
      tags,
      response: { 200: appearance },
    },
    handler: async (request) => signIns.appearanceFor(request),
  })
}

/** What each may do, for pages that leave out the rest. */
const mayOf: Record<Caller['kind'], readonly string[]> = {
  operator: ['operate', 'publish', 'read', 'subscribe'],
  publisher: ['publish', 'read'],
  integrator: ['read', 'subscribe'],
  portal: [],
}

function show(caller: Caller, session: FastifyRequest['session']) {
  const { integrationId, tenantId } = { integrationId: undefined, tenantId: null, ...caller }
  return {
    kind: session?.session.portal ? 'portal' : caller.kind,
    ...(integrationId === undefined ? {} : { integrationId }),
    ...(tenantId === null ? {} : { tenantId }),
    may: mayOf[caller.kind],
    expiresAt: session ? formatRfc3339(session.endsAtMs) : null,
  }
}

function inputOf(body: unknown): RequestInput {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as RequestInput
  throw new AppError('invalid_request', 'The body must be a JSON object.')
}

function readInput(body: unknown): CallerCredentials | { readonly link: string } {
  const faults = new Faults(inputOf(body), ['key', 'clientId', 'clientSecret', 'link'])
  const [key, link] = [faults.secret('key'), faults.secret('link')]
  const [clientId, clientSecret] = [faults.text('clientId', 255, false), faults.secret('clientSecret')]
  const given = ['key', 'link', 'clientSecret'].filter((name) => faults.isGiven(name))
  if (given.length !== 1 || faults.isGiven('clientId') !== faults.isGiven('clientSecret')) {
    faults.add('key', 'required', 'Give `key`, or `clientId` and `clientSecret`, or `link`: one of the three.')
  }
  faults.refuse()
  if (link !== undefined) return { link }
  return key === undefined ? { clientId: clientId!, secret: clientSecret! } : { clientId: null, secret: key }
}
