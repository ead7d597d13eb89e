import { Pool } from 'undici'
import { sampleText } from './sample-event.ts'

/**
 * `node single-clients.ts URL KEY EVENTS CONNECTIONS`: one event a request, each connection waiting for its answers.
 * Says `warm` after a quarter as many; goes on when told.
 */
const [url, key, events, connections] = process.argv.slice(2) as [string, string, string, string]
const pool = new Pool(url, { connections: Number(connections), pipelining: 1 })
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
let index = 0

async function publish(count: number): Promise<void> {
  let left = count
  const connection = async () => {
    while (left-- > 0) {
      const { statusCode, body } = await pool.request({
        ...{ path: '/v1/events', method: 'POST', headers, body: sampleText(index++) },
      })
      await body.dump()
      if (statusCode !== 201) throw new Error(`answered with ${statusCode}`)
    }
  }
  await Promise.all(Array.from({ length: Number(connections) }, connection))
}

process.once('message', async () => {
  await publish(Number(events))
  process.send?.('done')
  await pool.close()
  process.disconnect()
})
await publish(Math.ceil(Number(events) / 4))
process.send?.('warm')
