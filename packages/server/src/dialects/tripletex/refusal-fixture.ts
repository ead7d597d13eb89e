import { expect } from 'vitest'
import { errorShapes } from '../error-shapes-fixture.ts'
import { type Answer, startLiveServer } from '../live-fixture.ts'
import { tripletexClient } from './session-fixture.ts'

export const path = '/v2/event/subscription'
export const targetUrl = 'https://example.com/hook'
export const body = { event: 'product.create', targetUrl }

export async function start(flags: Readonly<Record<string, string>> = {}) {
  const server = await startLiveServer({ flags })
  return { server, client: await tripletexClient(server, { tenantId: 1 }) }
}

export function expectRefusal(answer: Answer, status: number, code: number | null): void {
  expect([answer.status, answer.json.status, answer.json.code]).toEqual([status, status, code])
  const { status: given, text, headers } = answer
  const type = headers.get('content-type') ?? ''
  errorShapes.tripletex!({ status: given, type, text, header: (name) => headers.get(name) })
}
