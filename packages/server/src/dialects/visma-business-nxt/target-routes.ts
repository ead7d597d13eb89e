import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { endpointRefused } from '../../core/address/endpoint-url.ts'
import { AppError } from '../../core/errors.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { DialectRecord } from '../../core/registry/registry.ts'
import type { DialectHost } from '../contract/host.ts'
import { type Application, applicationOf } from './caller.ts'
import { pageOf } from './page.ts'
import { defaultRetryPolicy, retryPolicyOf } from './policy.ts'
import { refusal } from './refusal.ts'
import * as schemas from './schemas.ts'
import { makeSignatureKey } from './signature-key.ts'
import { dialect } from './tables.ts'
import { following, rotated, type Target, targetIdOf, targetOf, targetView, withTarget } from './target.ts'

const tags = ['Dialect visma-business-nxt']
const path = '/visma-nxt/v1/webhook-targets'
const defaultOverlapSeconds = 86_400

type TargetHost = Pick<DialectHost, 'clock' | 'random' | 'tenants' | 'subscriptions' | 'records' | 'secrets' | 'urls'>

/** An application's targets: URL, retry policy, signature key. A change applies to all of a target's subscriptions. */
export function targetRoutes(scope: FastifyInstance, host: TargetHost): void {
  const { records } = host
  const config = { callers: ['integrator' as const] }
  const serializerCompiler = () => (data: unknown) => jsonText(data)
  const params = schemas.idParams
  const nowText = () => new Date(host.clock.now()).toISOString()

  scope.post(path, {
    config,
    serializerCompiler,
    schema: { summary: 'Make a target', tags, body: schemas.newTarget, response: { 201: schemas.targetWithKey } },
    handler: async (request, reply) => {
      const application = applicationOf(request)
      const body = request.body as schemas.NewTarget
      const tenantId = body.tenantId ?? null
      if (tenantId !== null && !mayChoose(application, tenantId)) {
        throw refusal('tenantId', 'unknown_tenant', 'No such customer or company has granted the application.')
      }
      const id = records.newId()
      const signatureKey = body.signatureKey ?? makeSignatureKey(host.random)
      const target: Target = {
        url: checkedUrl(body.url),
        retryPolicy: retryPolicyOf(body, defaultRetryPolicy),
        tenantId,
        secrets: [host.secrets.signing(signatureKey, id)],
      }
      const record: DialectRecord = {
        id,
        dialect,
        integrationId: application.integrationId,
        value: { ...target },
        createdAt: nowText(),
        updatedAt: nowText(),
      }
      await records.change(() => ({ put: [record], result: undefined }))
      return reply.code(201).send({ ...targetView(record), signatureKey })
    },
  })

  scope.get(path, {
    config,
    serializerCompiler,
    schema: {
      summary: 'List targets',
      tags,
      querystring: schemas.listQuery,
      response: { 200: schemas.listOf(schemas.targetOutput) },
    },
    handler: async (request) =>
      pageOf(records.list(applicationOf(request).integrationId, dialect).map(targetView), request.query),
  })

  scope.get(`${path}/:id`, {
    config,
    serializerCompiler,
    schema: { summary: 'Read a target', tags, params, response: { 200: schemas.targetOutput } },
    handler: async (request) => targetView(found(request)),
  })

  scope.patch(`${path}/:id`, {
    config,
    serializerCompiler,
    schema: {
      summary: 'Change a target and all of its subscriptions',
      tags,
      params,
      body: schemas.changedTarget,
      response: { 200: schemas.targetOutput },
    },
    handler: async (request) => {
      const body = request.body as schemas.ChangedTarget
      const url = body.url === undefined ? undefined : checkedUrl(body.url)
      return targetView(
        await change(request, (target) => ({
          ...target,
          ...(url === undefined ? {} : { url }),
          retryPolicy: retryPolicyOf(body, target.retryPolicy),
        })),
      )
    },
  })

  scope.post(`${path}/:id/rotate-signature-key`, {
    config,
    serializerCompiler,
    schema: {
      summary: 'Rotate the signature key',
      tags,
      params,
      body: Type.Optional(Type.Union([schemas.rotation, Type.Null()])),
      response: { 200: schemas.targetWithKey },
    },
    handler: async (request) => {
      const { overlapSeconds = defaultOverlapSeconds } = (request.body ?? {}) as schemas.SecretRotation
      const { id } = found(request)
      const signatureKey = makeSignatureKey(host.random)
      const secret = host.secrets.signing(signatureKey, id)
      const record = await change(request, (target) => rotated(target, secret, host.clock.now(), overlapSeconds))
      return { ...targetView(record), signatureKey }
    },
  })

  scope.delete(`${path}/:id`, {
    config,
    schema: {
      summary: 'Delete a target and its subscriptions',
      tags,
      params,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      await records.change(() => {
        const { id } = found(request)
        const dropSubscriptions = followersOf(applicationOf(request), id).map((subscription) => subscription.id)
        return { drop: [id], dropSubscriptions, result: undefined }
      })
      return reply.code(204).send()
    },
  })

  /** One commit for the target and its subscriptions: none of them is ever seen with half of a change. */
  function change(request: FastifyRequest, next: (target: Target) => Target): Promise<DialectRecord> {
    return records.change(() => {
      const before = found(request)
      const record = withTarget(before, next(targetOf(before)), nowText())
      const subscriptions = followersOf(applicationOf(request), record.id).map((subscription) =>
        following(subscription, record, host.secrets, nowText()),
      )
      return { put: [record], subscriptions, result: record }
    })
  }

  function found(request: FastifyRequest): DialectRecord {
    const record = records.get(applicationOf(request).integrationId, dialect, (request.params as { id: string }).id)
    if (!record) throw new AppError('not_found', 'There is no such target.')
    return record
  }

  function followersOf(application: Application, id: string) {
    return host.subscriptions.listOf(application, dialect).filter((subscription) => targetIdOf(subscription) === id)
  }

  function mayChoose({ integrationId }: Application, tenantId: TenantId): boolean {
    for (const granted of host.tenants.grantedTo(integrationId))
      if (host.tenants.isWithin(tenantId, granted)) return true
    return false
  }

  function checkedUrl(raw: string): string {
    const checked = host.urls.check(raw)
    if (!checked.ok) throw refusal('url', 'url_not_allowed', endpointRefused)
    return checked.url
  }
}
