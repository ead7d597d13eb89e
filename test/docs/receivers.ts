import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'
import { webhookHeaders } from '../../packages/server/src/core/dialect/signature.ts'
import { canBeInstalled, type Delivery, isThere, runtimes, startReceiver } from './receiver-process.ts'

/** The receivers of docs/guides/receiving.md, each taken out of the page, and sent what receivers are sent. */

const page = await readFile(fileURLToPath(new URL('../../docs/guides/receiving.md', import.meta.url)), 'utf8')
const adminKey = 'operator-of-the-receivers'
const signingSecret = `whsec_${Buffer.alloc(32, 'receiver').toString('base64')}`

const named = [...page.matchAll(/^<!-- receiver: (\w+) -->\n```\w+\n([\s\S]*?)^```$/gm)]
const codes = new Map(named.map(([, name, code]) => [name!, code!]))

let server: RunningServer
let directory: string
let integration: string

// biome-ignore lint/suspicious/noExplicitAny: answers of several routes
async function operate(method: string, path: string, body?: object, key = adminKey): Promise<any> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

/** Subscribes the URL, publishes an event, and gives its delivery's row once it is settled. */
async function deliver(url: string, entityId: string): Promise<{ status: string; attempts: number }> {
  const draft = { endpoint: { url }, types: ['invoice.*'], signingSecret, retry: { delaysSeconds: [] } }
  const { id } = await operate('POST', '/v1/subscriptions', draft, integration)
  const data = { id: Number(entityId), customer: 'Åse Ødegård', total: 12.5 }
  await operate('POST', '/v1/events', { tenantId: 29302, type: 'invoice.updated', entityId, data })
  let row = { status: 'waiting', attempts: 0 }
  await expect
    .poll(async () => {
      ;[row = row] = (await operate('GET', `/v1/deliveries?subscription=${id}`)).items
      return row.status
    })
    .not.toBe('waiting')
  await operate('DELETE', `/v1/subscriptions/${id}`)
  return row
}

/** A delivery as the server sends it. */
async function recorded(): Promise<Delivery> {
  const deliveries: Delivery[] = []
  const recorder = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.entries(request.headers).filter(([name]) => /^webhook-|^content-type$/.test(name))
      deliveries.push({
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: Buffer.concat(chunks).toString(),
      })
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(recorder, 'listening')
  await deliver(`http://127.0.0.1:${(recorder.address() as AddressInfo).port}/hook`, '1')
  recorder.close()
  return deliveries[0]!
}

/** The languages of the page, and those that it can be held against. */
export const languages = { onPage: [...codes.keys()], known: Object.keys(runtimes) }

export function testReceivers(names: readonly string[]): void {
  const missing = Object.entries(runtimes).filter(([name, runtime]) => names.includes(name) && !isThere(runtime))
  if (missing.length > 0) {
    console.warn(
      `receivers: not run, because this machine has no ${missing.map(([, { command }]) => command).join(', ')}`,
    )
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidings-receivers-'))
    const flags = {
      port: '0',
      data: join(directory, 'data'),
      adminKey,
      allowHttp: 'true',
      allowNetworks: '127.0.0.0/8',
    }
    server = await startServer(readConfig({ flags: { ...flags, logLevel: 'silent' }, env: {} }))
    await operate('POST', '/v1/tenants', { id: 29302, name: 'Bygg AB' })
    const { id } = await operate('POST', '/v1/integrations', { name: 'Receivers' })
    integration = (await operate('POST', `/v1/integrations/${id}/tokens`, { tenantId: 29302 })).accessToken
  })

  afterAll(async () => {
    await server?.close()
    await rm(directory, { recursive: true, force: true })
  })

  describe.each(Object.entries(runtimes).filter(([name]) => names.includes(name)))(
    'the receiver in %s',
    (name, runtime) => {
      const isRun = isThere(runtime) || (process.env.CI === 'true' && canBeInstalled && runtime.isInstalledByCi)

      test.runIf(isRun)('takes what is genuine, once, and refuses everything else', { timeout: 120_000 }, async () => {
        const receiver = await startReceiver(name, { directory, code: codes.get(name)!, signingSecret })
        try {
          // From the server itself.
          expect(await deliver(receiver.url, '3817')).toMatchObject({ status: 'delivered', attempts: 1 })
          await expect.poll(receiver.handled).toHaveLength(1)
          expect(receiver.handled()[0]).toMatch(
            /^handled dlv_\w+ \{"type":"invoice\.updated".*"customer":"Åse Ødegård"/,
          )

          const genuine = await recorded()
          const { headers, body } = genuine
          const id = headers['webhook-id']!
          const signedAt = (nowMs: number): Delivery => {
            const secrets = [{ algorithm: 'hmac-sha256' as const, secret: signingSecret }]
            return {
              body,
              headers: { ...headers, ...Object.fromEntries(webhookHeaders(secrets, `${id}x`, nowMs, body)) },
            }
          }
          const without = (header: string): Delivery => ({
            body,
            headers: Object.fromEntries(Object.entries(headers).filter(([key]) => key !== header)),
          })
          const refused: Readonly<Record<string, Delivery>> = {
            'an altered body': { headers, body: body.replace('12.5', '92.5') },
            'a body written again': { headers, body: JSON.stringify(JSON.parse(body), null, 1) },
            'an altered id': { body, headers: { ...headers, 'webhook-id': `${id}x` } },
            'a later time': {
              body,
              headers: { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) },
            },
            'an altered signature': { body, headers: { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}=` } },
            'a signature of another version': {
              body,
              headers: { ...headers, 'webhook-signature': headers['webhook-signature']!.replace('v1,', 'v2,') },
            },
            'what was signed ten minutes ago': signedAt(Date.now() - 600_000),
            'what is signed for in ten minutes': signedAt(Date.now() + 600_000),
            'no time at all': { body, headers: { ...headers, 'webhook-timestamp': 'now' } },
            'no signature': without('webhook-signature'),
            'no id': without('webhook-id'),
            'no timestamp': without('webhook-timestamp'),
          }
          for (const [what, delivery] of Object.entries(refused)) expect(await receiver.send(delivery), what).toBe(400)
          expect(receiver.handled()).toHaveLength(1)

          // The same one twice, and once more with the signature of a secret that is being replaced.
          const rotating = { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}= ${headers['webhook-signature']}` }
          for (const sent of [genuine, genuine, { body, headers: rotating }]) {
            expect(await receiver.send(sent)).toBe(204)
          }
          const ofIt = () => receiver.handled().filter((line) => line.startsWith(`handled ${id} `))
          await expect.poll(ofIt).toEqual([`handled ${id} ${body}`])
          // Another one after it, so that a second handling of the first would have been seen.
          expect(await receiver.send(signedAt(Date.now()))).toBe(204)
          await expect.poll(() => receiver.handled().length).toBe(3)
          expect(ofIt()).toHaveLength(1)
        } finally {
          await receiver.stop()
        }
      })
    },
  )
}
