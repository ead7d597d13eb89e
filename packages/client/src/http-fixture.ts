import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from './clock.ts'

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly {
    readonly method: string
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly body: string
  }[]
}

type Step = (response: ServerResponse, request: IncomingMessage) => void

/** Time that passes at once; `pausesMs` tells how much of it. */
export function quickClock(): Clock & { readonly pausesMs: readonly number[] } {
  const pausesMs: number[] = []
  let passedMs = 0
  return {
    pausesMs,
    now: () => Date.UTC(2026, 0, 1) + passedMs,
    async pause(ms, signal) {
      signal?.throwIfAborted()
      pausesMs.push(ms)
      passedMs += ms
    },
  }
}

/** Answers each request by the next step; the last one stays. */
export async function scripted(...steps: readonly [Step, ...Step[]]): Promise<ScriptedServer> {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer(async (request, response) => {
    const step = steps[Math.min(requests.length, steps.length - 1)]!
    const entry = { method: request.method!, url: request.url!, headers: request.headers, body: '' }
    requests.push(entry)
    request.on('data', (chunk) => {
      entry.body += chunk
    })
    step(response, request)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export const json =
  (value: unknown, status = 200): Step =>
  (response, request) => {
    request
      .resume()
      .once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value)))
  }

export const problem =
  (status: number, code: string, headers: Record<string, string> = {}): Step =>
  (response, request) => {
    request.resume().once('end', () =>
      response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(
        JSON.stringify({
          status,
          code,
          title: code,
          detail: `about ${code}`,
          errors: [{ pointer: '/a', code: 'x', detail: 'y' }],
        }),
      ),
    )
  }

export const hangUp: Step = (response) => response.destroy()

export const sse =
  (text: string): Step =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text)
  }
