import { Agent, request } from 'node:http'
import { sampleArrays } from './sample-event.ts'

/** `node publish-clients.ts URL KEY EVENTS CONNECTIONS`: arrays of 1,000, each connection waiting for its answers. */
const [url, key, events, connections] = process.argv.slice(2) as [string, string, string, string]
const bodies = sampleArrays(Number(events)).map((text) => Buffer.from(text))
const agent = new Agent({ keepAlive: true })
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }

function publish(body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/events`,
      { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
      (response) => {
        response.resume()
        response.on('end', () =>
          response.statusCode === 201 ? resolve() : reject(new Error(`answered with ${response.statusCode}`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

process.once('message', async () => {
  const left = bodies.values()
  const connection = async () => {
    for (const body of left) await publish(body)
  }
  await Promise.all(Array.from({ length: Number(connections) }, connection))
  process.send?.('done')
  process.disconnect()
  agent.destroy()
})
process.send?.('ready')
