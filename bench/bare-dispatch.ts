import { Pool } from 'undici'

/** `node bare-dispatch.ts URL REQUESTS CONNECTIONS BYTES`: nothing but requests of that size, and their answers read. */
const [url, requests, connections, bytes] = process.argv.slice(2) as [string, string, string, string]
const { origin, pathname } = new URL(url)
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 })
const body = 'x'.repeat(Number(bytes))
const headers = [
  'webhook-id',
  'dlv_000000000000000000000000',
  'webhook-timestamp',
  '1514469556',
  'webhook-signature',
  `v1,${'A'.repeat(44)}`,
  'content-type',
  'application/json',
]

function send(): Promise<void> {
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { path: pathname, method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(error),
      },
    )
  })
}

let left = 0
const connection = async () => {
  while (left-- > 0) await send()
}
async function run(count: number): Promise<void> {
  left = count
  await Promise.all(Array.from({ length: Number(connections) }, connection))
}

await run(Math.ceil(Number(requests) / 4))
const cpuBefore = process.cpuUsage()
const startedMs = performance.now()
await run(Number(requests))
const seconds = (performance.now() - startedMs) / 1_000
const { user, system } = process.cpuUsage(cpuBefore)
process.send?.({ seconds, cpuSeconds: (user + system) / 1e6 })
await pool.close()
process.disconnect()
