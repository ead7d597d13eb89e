import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AuditEntry, AuditLog } from '../registry/audit-log.ts'
import type { Belonging } from '../registry/belonging.ts'
import type { Registry, RegistryChange } from '../registry/registry.ts'

export interface RequestedBelongings {
  /** Whose a part of a route is, as the subscription of `/v1/subscriptions/{id}`; null: nobody's. */
  belongingOf(collection: string, id: string): Belonging | null
}

export interface AuditDeps {
  readonly registry: Registry
  readonly belongings: RequestedBelongings
  readonly audit: AuditLog
  /** One structured line per change. */
  readonly tell: (entry: AuditEntry) => void
  readonly onFailure: (error: unknown) => void
}

interface Audited {
  readonly request: FastifyRequest
  /** Of a request whose client has hung up meanwhile, too. */
  readonly address: string
  /** Until its answer is made: work that a request set going and that outlives it is not the caller's doing any more. */
  isOpen: boolean
  changes: number
}

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Publishing is no administration, and a trial of a filter changes nothing. */
const unaudited = new Set(['/v1/events', '/v1/filters/try'])

/**
 * Keeps who changed what through HTTP, in every dialect: whatever the registry commits on behalf of
 * a request, and requests that change something else (a resend of one delivery, a rewind, a backup).
 */
export function auditChanges(app: FastifyInstance, deps: AuditDeps): void {
  const current = new AsyncLocalStorage<Audited | null>()
  const keep = async (entries: readonly AuditEntry[]) => {
    for (const entry of entries) deps.tell(entry)
    await deps.audit.append(entries, deps.registry.nowMs()).catch(deps.onFailure)
  }
  app.decorateRequest('audited', null)
  app.addHook('onRequest', async (request) => {
    request.audited = { request, address: request.ip, isOpen: true, changes: 0 }
  })
  // Here and no earlier: reading the body leaves the context that `onRequest` would give.
  app.addHook('preHandler', (request, _reply, done) => current.run(request.audited, done))
  deps.registry.onCommitted(async (changes) => {
    const audited = current.getStore()
    if (!audited?.isOpen) return
    audited.changes += changes.length
    await keep(changes.map((change) => entryOf(deps.registry.now(), audited, change)))
  })
  // Not when the connection closes: whoever hangs up early has changed something all the same.
  app.addHook('onSend', async (request, reply) => {
    const { audited } = request
    if (!audited) return
    audited.isOpen = false
    const { url, config } = request.routeOptions
    const isChange = !readingMethods.has(request.method) && reply.statusCode < 300
    if (!isChange || audited.changes > 0 || !config.callers || unaudited.has(url ?? '')) return
    const [, , kind = ''] = (url ?? '').split('/')
    const { id = null } = request.params as { id?: string }
    const belonging = (id !== null && deps.belongings.belongingOf(kind, id)) || nobodys
    await keep([{ ...originOf(deps.registry.now(), audited, null), kind, id, action: 'requested', ...belonging }])
  })
}

const nobodys: Belonging = { integrationId: null, tenantId: null }

function entryOf(now: string, audited: Audited, { kind, id, action, belongsTo }: RegistryChange): AuditEntry {
  return { ...originOf(now, audited, belongsTo.integrationId), kind, id, action, ...belongsTo }
}

/** Routes of dialects authenticate by themselves: there, who it was is whose record it is. */
function originOf(now: string, { request, address }: Audited, integrationId: string | null) {
  const { caller } = request
  const by: AuditEntry['by'] = !caller
    ? { kind: 'integrator', id: integrationId }
    : caller.kind === 'operator'
      ? { kind: 'operator', id: caller.keyId ?? 'configured' }
      : {
          kind: request.session?.session.portal ? 'portal' : caller.kind,
          id: 'integrationId' in caller ? caller.integrationId : null,
        }
  return { at: now, by, address, request: `${request.method} ${request.routeOptions.url ?? ''}` }
}

declare module 'fastify' {
  interface FastifyRequest {
    audited: Audited | null
  }
}
