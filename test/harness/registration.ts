import { adminKey } from './server-process.ts'

/** An integration as its integrator knows it. */
export interface Registered {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly tenants: readonly number[]
  readonly accessTokens: readonly string[]
}

/** Calls the server as its operator. @throws Error when the answer is no success */
export async function operate<T>(url: string, method: string, path: string, body?: object): Promise<T> {
  return call<T>(url, method, path, `Bearer ${adminKey}`, body)
}

async function call<T>(url: string, method: string, path: string, authorization: string, body?: object): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

export async function registerTenants(url: string, count: number): Promise<number[]> {
  const tenants = Array.from({ length: count }, (_, index) => 29_300 + index)
  for (const id of tenants) await operate(url, 'POST', '/v1/tenants', { id, name: `Tenant ${id}` })
  return tenants
}

export async function registerIntegration(url: string, name: string, tenants: readonly number[]): Promise<Registered> {
  const made = await operate<{ id: string; clientId: string; clientSecret: string }>(url, 'POST', '/v1/integrations', {
    name,
  })
  const accessTokens: string[] = []
  for (const tenantId of tenants) {
    const path = `/v1/integrations/${made.id}/tokens`
    const { accessToken } = await operate<{ accessToken: string }>(url, 'POST', path, { tenantId })
    accessTokens.push(accessToken)
  }
  return { ...made, name, tenants, accessTokens }
}

export async function subscribe(
  url: string,
  integration: Registered,
  subscription: object,
): Promise<{ id: string; signingSecret: string }> {
  const credential = Buffer.from(`${integration.clientId}:${integration.clientSecret}`).toString('base64')
  return call(url, 'POST', '/v1/subscriptions', `Basic ${credential}`, subscription)
}
