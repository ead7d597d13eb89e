import { parseAllowNetworks, strictPolicy } from '../packages/server/src/core/address/endpoint-policy.ts'
import { HttpTransport } from '../packages/server/src/send/http-transport.ts'
import { deliveryHeaders, requestLoop } from './request-loop.ts'

/** `node transport-dispatch.ts URL REQUESTS CONNECTIONS BYTES`: as `bare-dispatch.ts`, by the transport that sends deliveries. */
const [url, requests, connections, bytes] = process.argv.slice(2) as [string, string, string, string]
const loopback = parseAllowNetworks('127.0.0.0/8')
if (!loopback.ok) throw new Error('loopback is a network')
const transport = new HttpTransport({ policy: { ...strictPolicy, allowHttp: true, allowNetworks: loopback.networks } })
const request = {
  method: 'POST',
  url,
  headers: deliveryHeaders,
  body: 'x'.repeat(Number(bytes)),
  timeoutMs: 15_000,
} as const

async function send(): Promise<void> {
  const { status, error } = await transport.send(request)
  if (status !== 204) throw new Error(`the receiver answered ${status ?? error}`)
}

process.send?.(await requestLoop(send, Number(requests), Number(connections)))
await transport.close()
process.disconnect()
