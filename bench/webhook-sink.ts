import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A receiver that reads each request and answers 204: the same process for both sides of the comparison. */
let expected = Number.POSITIVE_INFINITY
let count = 0
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(204).end()
    count += 1
    if (count === expected) process.send?.('received')
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', (more: number) => {
  expected = count + more
})
process.on('disconnect', () => process.exit())
