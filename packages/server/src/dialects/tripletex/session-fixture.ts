import type { TenantId } from '../../core/tenant-id.ts'
import { type Answer, type CallOptions, grantedTenant, type LiveServer } from '../live-fixture.ts'

/** An integrator's client of one company, as its own code would be: base URL, credentials, nothing of ours. */
export interface TripletexClient {
  readonly session: string
  readonly integrationId: string
  readonly employeeToken: string
  readonly consumerToken: string
  readonly tokenId: string
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>
  /** As `call`, for a company of its own or below it. */
  callFor(company: string | TenantId, method: string, path: string, body?: unknown): Promise<Answer>
}

export function basic(company: string | TenantId, token: string): string {
  return `Basic ${Buffer.from(`${company}:${token}`).toString('base64')}`
}

/** The day that is so many days after today by the server's clock. */
export function day(server: LiveServer, daysAhead: number): string {
  return new Date(server.clock.now() + daysAhead * 86_400_000).toISOString().slice(0, 10)
}

/** Makes a tenant that grants an integration, and a session for it. */
export async function tripletexClient(
  server: LiveServer,
  given: { readonly tenantId: TenantId; readonly name?: string; readonly parentId?: TenantId; readonly days?: number },
  integration?: { readonly integrationId: string; readonly consumerToken: string },
): Promise<TripletexClient> {
  const { consumerToken, ...known } = integration ?? (await newIntegration(server))
  const granted = await grantedTenant(server, { ...given, ...known })
  const session = await createSession(server, { consumerToken, employeeToken: granted.token, days: given.days ?? 30 })
  const callFor = (company: string | TenantId, method: string, path: string, body?: unknown, options?: CallOptions) =>
    server.call(method, path, {
      authorization: basic(company, session),
      ...(body === undefined ? {} : { body }),
      ...options,
    })
  return {
    session,
    ...known,
    consumerToken,
    employeeToken: granted.token,
    tokenId: granted.tokenId,
    callFor,
    call: (method, path, body, options) => callFor(0, method, path, body, options),
  }
}

export async function newIntegration(server: LiveServer): Promise<{ integrationId: string; consumerToken: string }> {
  const { id, clientSecret } = await server.operate('POST', '/v1/integrations', { name: 'App' })
  return { integrationId: id, consumerToken: clientSecret }
}

export async function createSession(
  server: LiveServer,
  given: { readonly consumerToken: string; readonly employeeToken: string; readonly days: number },
): Promise<string> {
  const { days, ...tokens } = given
  const query = new URLSearchParams({ ...tokens, expirationDate: day(server, days) })
  const answer = await server.call('PUT', `/v2/token/session/:create?${query}`)
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  return answer.json.value.token
}

export function publish(server: LiveServer, tenantId: number, type: string, entityId: string, more: object = {}) {
  return server.operate('POST', '/v1/events', { tenantId, type, entityId, ...more })
}
