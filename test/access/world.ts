import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket from 'ws'
import { startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'
import { MovableClock } from '../../packages/server/src/core/time/movable-clock.ts'
import type { Reader } from './reader.ts'

const adminKey = 'operator-of-the-access-tests'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of many routes
  readonly json: any
}

/** A whole server, and the clients of every way of reading. */
export interface World {
  readonly clock: MovableClock
  call(method: string, path: string, authorization: string, body?: unknown): Promise<Answer>
  operate(method: string, path: string, body?: unknown): Promise<Answer['json']>
  /** Server-sent events; resolves when they are live. */
  openEvents(reader: Reader, authorization: string): Promise<void>
  /** The Fortnox stream; resolves when it is live. */
  openStream(
    reader: Reader,
    setUp: {
      readonly clientSecret: string
      readonly accessTokens: readonly string[]
      readonly withChildren: boolean
      readonly offset?: string
    },
  ): Promise<void>
  /** The URL of a receiver for the reader's subscription. */
  hook(reader: Reader, statusOf?: () => number): string
  closeReaders(): void
  close(): Promise<void>
}

export async function startWorld(): Promise<World> {
  const data = mkdtempSync(join(tmpdir(), 'tidings-access-'))
  const clock = new MovableClock()
  const flags = { port: '0', data, adminKey, allowNetworks: '127.0.0.0/8', allowHttp: 'true', logLevel: 'silent' }
  const server = await startServer(readConfig({ flags: { ...flags, requestsPerSecond: '100000' }, env: {} }), { clock })
  const closings: (() => void)[] = []
  const hooks: { readonly reader: Reader; readonly statusOf: () => number }[] = []
  const receiver = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const { reader, statusOf } = hooks[Number(request.url!.slice(1))]!
    reader.receive(body.entityId)
    response.writeHead(statusOf()).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const call = async (method: string, path: string, authorization: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
  }
  const closeReaders = () => {
    for (const close of closings.splice(0)) close()
  }
  return {
    clock,
    call,
    async operate(method, path, body) {
      const { status, json } = await call(method, path, `Bearer ${adminKey}`, body)
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`)
      return json
    },
    async openEvents(reader, authorization) {
      const abort = new AbortController()
      closings.push(() => abort.abort())
      const response = await fetch(`${server.url}/v1/stream?topics=invoices`, {
        headers: { authorization },
        signal: abort.signal,
      })
      if (response.status !== 200) throw new Error(`${reader.name}: ${response.status}`)
      const read = async () => {
        let rest = ''
        for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
          const messages = (rest + text).split('\n\n')
          rest = messages.pop()!
          for (const message of messages) {
            const line = message.split('\n').find((one) => one.startsWith('data: {"type"'))
            if (line) reader.receive(JSON.parse(line.slice(6)).entityId)
          }
        }
      }
      read()
        .catch(() => {})
        .finally(() => reader.end())
    },
    async openStream(reader, { clientSecret, accessTokens, withChildren, offset }) {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/topics-v1`)
      closings.push(() => socket.terminate())
      const isLive = Promise.withResolvers<void>()
      socket.on('message', (bytes) => {
        const message = JSON.parse(bytes.toString())
        if (message.entityId !== undefined) reader.receive(message.entityId)
        else if (message.result !== 'ok') isLive.reject(new Error(`${reader.name}: ${bytes}`))
        else if (message.response === 'subscribe-v1') isLive.resolve()
      })
      socket.on('close', () => reader.end())
      await once(socket, 'open')
      const topics = [{ topic: 'invoices', ...(offset === undefined ? {} : { offset }) }]
      const tenants = { command: 'add-tenants-v1', clientSecret, accessTokens, includeChildTenants: withChildren }
      for (const command of [tenants, { command: 'add-topics-v1', topics }, { command: 'subscribe-v1' }]) {
        socket.send(JSON.stringify(command))
      }
      await isLive.promise
    },
    hook(reader, statusOf = () => 204) {
      hooks.push({ reader, statusOf })
      return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/${hooks.length - 1}`
    },
    closeReaders,
    async close() {
      closeReaders()
      await server.close()
      receiver.closeAllConnections()
      receiver.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
