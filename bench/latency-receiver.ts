import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A good receiver that notes how long after its `timestamp` each event arrives, in milliseconds. */
let latencies: number[] = []
let expected = Number.POSITIVE_INFINITY
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const nowMs = Date.now()
    response.writeHead(204).end()
    latencies.push(nowMs - Date.parse(JSON.parse(Buffer.concat(chunks).toString()).timestamp))
    if (latencies.length < expected) return
    process.send?.({ latencies })
    latencies = []
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', (count: number) => {
  expected = count
})
process.on('disconnect', () => process.exit())
