import type { EventType } from '../contract/catalogue.ts'
import type { SampleContext, SampleGrants } from '../contract/sample.ts'
import { isDelete } from './encode.ts'
import { sampleEntity } from './entity-model.ts'

export function sampleTripletex(type: EventType, { entityId, number, host }: SampleContext): string {
  const id = entityId ?? String(3_816 + number)
  const isGone = isDelete(type.names.get('tripletex') ?? type.type)
  const isNumber = /^\d{1,15}$/.test(id)
  const data = isGone ? null : sampleEntity(type.details.get('tripletex'), isNumber ? Number(id) : number, host)
  return JSON.stringify({ entityId: id, ...(data && { data }) })
}

/** Long enough for tests that move time. */
const sessionDays = 1_000

export async function tripletexAccess({ url, clientSecret, tenants }: SampleGrants): Promise<object> {
  const baseUrl = `${url}/v2`
  const companies = tenants.map(async ({ tenantId, name, accessToken }) => {
    const sessionToken = await createSession(baseUrl, clientSecret, accessToken)
    const authorization = `Basic ${Buffer.from(`0:${sessionToken}`).toString('base64')}`
    return { companyId: tenantId, name, employeeToken: accessToken, sessionToken, authorization }
  })
  return { baseUrl, consumerToken: clientSecret, companies: await Promise.all(companies) }
}

async function createSession(baseUrl: string, consumerToken: string, employeeToken: string): Promise<string> {
  const expirationDate = new Date(Date.now() + sessionDays * 86_400_000).toISOString().slice(0, 10)
  const query = new URLSearchParams({ consumerToken, employeeToken, expirationDate })
  const answer = await fetch(`${baseUrl}/token/session/:create?${query}`, { method: 'PUT' })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`a session was refused: ${answer.status} ${text}`)
  return (JSON.parse(text) as { value: { token: string } }).value.token
}
