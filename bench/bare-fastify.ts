import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'

/** The least that a service does with a published event: reads it as JSON and answers 201 with JSON. */
const app = Fastify({ logger: false, keepAliveTimeout: 65_000 })
app.post('/v1/events', async (request, reply) => {
  const { entityId } = request.body as { entityId: string }
  return reply.code(201).send({ id: `evt_${entityId}`, topic: 'invoices', offset: '1AbCdEf0023', duplicate: false })
})
await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ port: (app.server.address() as AddressInfo).port })
process.on('disconnect', () => process.exit())
