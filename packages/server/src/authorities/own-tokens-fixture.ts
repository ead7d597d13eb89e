import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { startServer } from '../compose.ts'
import { readConfig } from '../config.ts'
import { MovableClock } from '../core/movable-clock.ts'
import { Queue } from '../core/queue.ts'
import { type LocalAuthority, startLocalAuthority } from './authority-fixture.ts'

const adminKey = 'operator-of-the-tests'
export const payroll = { clientId: 'payroll', clientSecret: 'secret-of-payroll' }
export const claims = { tenant_id: 29302, client_id: 'payroll' }

interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly json: any
}

/** A whole server whose operator has set up two authorities, `accounts` (JWT) and `legacy` (opaque), at one address. */
export interface OwnTokens {
  readonly clock: MovableClock
  readonly local: LocalAuthority
  readonly integrationId: string
  url: string
  call(method: string, path: string, token: string, body?: unknown): Promise<Answer>
  /** With any `Authorization`. */
  callAs(authorization: string, method: string, path: string, body?: unknown): Promise<Answer>
  operate(method: string, path: string, body?: unknown): Promise<Answer['json']>
  publish(entityId: string, event?: object): Promise<void>
  /** An opaque token of the tenant, good for so many seconds. */
  opaque(token: string, more?: object, seconds?: number): string
  /** With another configuration file, when one is given. */
  restart(fileText?: string): Promise<void>
}

/** @param more settings of both authorities, as lines of YAML. */
export async function startOwnTokens(more = ''): Promise<OwnTokens> {
  const clock = new MovableClock()
  const local = await startLocalAuthority(clock)
  const data = mkdtempSync(join(tmpdir(), 'tidings-own-tokens-'))
  const file = join(data, 'tidings.yaml')
  writeFileSync(
    file,
    `
authorities:
  accounts:
    kind: jwt
    issuer: ${local.issuer}
    audience: https://api.example.com
    jwksUrl: ${local.jwksUrl}
    claims: { tenant: tenant_id, integration: client_id }
    ${more}
  legacy:
    kind: introspection
    url: ${local.introspectionUrl}
    clientId: tidings
    clientSecret: '${local.clientSecret}'
    claims: { tenant: tenant_id, integration: client_id, types: scope }
    ${more}
`,
  )
  const flags = { port: '0', data, adminKey, allowNetworks: '127.0.0.0/8', allowHttp: 'true', logLevel: 'silent' }
  const start = () => startServer(readConfig({ flags, env: {}, file }), { clock })
  let server = await start()
  onTestFinished(async () => {
    await server.close()
    rmSync(data, { recursive: true, force: true })
  })
  const callAs = async (authorization: string, method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(authorization === '' ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== ''
    return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : undefined }
  }
  const operate = async (method: string, path: string, body?: unknown) => {
    const answer = await callAs(`Bearer ${adminKey}`, method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`)
    return answer.json
  }
  await operate('POST', '/v1/tenants', { id: 29302, name: 'Bygg AB' })
  await operate('POST', '/v1/tenants', { id: 29303, name: 'Another' })
  const { id: integrationId } = await operate('POST', '/v1/integrations', { name: 'Payroll', ...payroll })
  const own: OwnTokens = {
    clock,
    local,
    integrationId,
    url: server.url,
    callAs,
    call: (method, path, token, body) => callAs(`Bearer ${token}`, method, path, body),
    operate,
    async publish(entityId, event = {}) {
      await operate('POST', '/v1/events', { tenantId: 29302, type: 'invoice.updated', entityId, ...event })
    },
    opaque(token, more = {}, seconds = 3_600) {
      const exp = Math.floor(clock.now() / 1_000) + seconds
      local.opaque.set(token, { ...claims, scope: 'invoice.* customer.*', exp, ...more })
      return token
    },
    async restart(fileText) {
      await server.close()
      if (fileText !== undefined) writeFileSync(file, fileText)
      server = await start()
      own.url = server.url
    },
  }
  return own
}

export interface FortnoxClient {
  /** Sends a command and gives its reply. */
  ask(command: object): Promise<Record<string, unknown>>
  /** The next message that answers no command. */
  next(): Promise<Record<string, unknown>>
  /** The close code. */
  readonly closed: Promise<number>
}

/** A client of the stream as integrators write them. */
export async function openFortnox({ url }: OwnTokens): Promise<FortnoxClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/topics-v1`)
  const unread = new Queue<Record<string, unknown>>()
  const waiting: ((message: Record<string, unknown>) => void)[] = []
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    const waiter = waiting.shift()
    if (waiter) waiter(message)
    else unread.push(message)
  })
  const next = () => {
    const known = unread.shift()
    if (known) return Promise.resolve(known)
    return new Promise<Record<string, unknown>>((resolve) => waiting.push(resolve))
  }
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  onTestFinished(() => socket.terminate())
  return {
    closed,
    next,
    ask(command) {
      socket.send(JSON.stringify(command))
      return Promise.race([next(), closed.then((code) => ({ closed: code }))])
    },
  }
}

export function addTenants(...accessTokens: string[]): object {
  return {
    command: 'add-tenants-v1',
    clientSecret: payroll.clientSecret,
    accessTokens: accessTokens.map((token) => `Bearer ${token}`),
  }
}

export const feed = '/v1/topics/invoices/events'

/** For what the server does in the background, on a machine that is busy. */
export const patience = { timeout: 20_000 }

export const statusOf = async (own: OwnTokens, token: string, path = feed) =>
  (await own.call('GET', path, token)).status
