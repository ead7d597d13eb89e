import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AuditEntry, AuditLog } from '../registry/audit-log.ts'
import type { Registry, RegistryChange } from '../registry/registry.ts'

export interface AuditDeps {
  readonly registry: Registry
  readonly audit: AuditLog
  readonly nowMs: () => number
  readonly now: () => string
  /** One structured line per change. */
  readonly tell: (entry: AuditEntry) => void
  readonly onFailure: (error: unknown) => void
}

interface Audited {
  readonly request: FastifyRequest
  /** Work that a request set going and that outlives it is not the caller's doing any more. */
  isOpen: boolean
  changes: number
}

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Publishing is no administration. */
const publishing = '/v1/events'

/**
 * Keeps who changed what through HTTP, in every dialect: whatever the registry commits on behalf of
 * a request, and requests that change something else (a resend, a rewind, a backup).
 */
export function auditChanges(app: FastifyInstance, deps: AuditDeps): void {
  const current = new AsyncLocalStorage<Audited>()
  const keep = async (entries: readonly AuditEntry[]) => {
    for (const entry of entries) deps.tell(entry)
    await deps.audit.append(entries, deps.nowMs()).catch(deps.onFailure)
  }
  app.decorateRequest('audited', null)
  // Here and no earlier: reading the body leaves the context that `onRequest` would give.
  app.addHook('preHandler', (request, reply, done) => {
    const audited: Audited = { request, isOpen: true, changes: 0 }
    request.audited = audited
    reply.raw.once('close', () => {
      audited.isOpen = false
    })
    current.run(audited, done)
  })
  deps.registry.onCommitted(async (changes) => {
    const audited = current.getStore()
    if (!audited?.isOpen) return
    audited.changes += changes.length
    await keep(changes.map((change) => entryOf(deps.now(), audited.request, change)))
  })
  app.addHook('onSend', async (request, reply) => {
    const { audited } = request
    const { url, config } = request.routeOptions
    const isChange = audited !== null && !readingMethods.has(request.method) && reply.statusCode < 300
    if (!isChange || audited.changes > 0 || !config.callers || url === publishing) return
    const [, , kind = ''] = (url ?? '').split('/')
    const { id = null } = request.params as { id?: string }
    await keep([{ ...originOf(deps.now(), request, null), kind, id, action: 'requested' }])
  })
}

function entryOf(
  now: string,
  request: FastifyRequest,
  { kind, id, action, integrationId }: RegistryChange,
): AuditEntry {
  return { ...originOf(now, request, integrationId), kind, id, action }
}

/** Routes of dialects authenticate by themselves: there, who it was is whose record it is. */
function originOf(now: string, request: FastifyRequest, integrationId: string | null) {
  const { caller } = request
  const by: AuditEntry['by'] = !caller
    ? { kind: 'integrator', id: integrationId }
    : caller.kind === 'operator'
      ? { kind: 'operator', id: caller.keyId ?? 'configured' }
      : { kind: caller.kind, id: 'integrationId' in caller ? caller.integrationId : null }
  return { at: now, by, address: request.ip, request: `${request.method} ${request.routeOptions.url ?? ''}` }
}

declare module 'fastify' {
  interface FastifyRequest {
    audited: Audited | null
  }
}
