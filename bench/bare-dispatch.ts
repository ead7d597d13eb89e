import { Pool } from 'undici'
import { deliveryHeaders, requestLoop } from './request-loop.ts'

/** `node bare-dispatch.ts URL REQUESTS CONNECTIONS BYTES`: nothing but requests of that size, and their answers read. */
const [url, requests, connections, bytes] = process.argv.slice(2) as [string, string, string, string]
const { origin, pathname } = new URL(url)
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 })
const body = 'x'.repeat(Number(bytes))
const headers = deliveryHeaders.flat()

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

process.send?.(await requestLoop(send, Number(requests), Number(connections)))
await pool.close()
process.disconnect()
