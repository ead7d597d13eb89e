import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { ServerNode } from '../server-node.ts'

const node = Type.Object(
  {
    id: Type.String(),
    url: Type.String(),
    version: Type.String(),
    since: Type.String({ format: 'date-time', description: 'When it was started.' }),
    shares: Type.Integer({
      description: 'Of the 128 that subscriptions are divided into, those that it delivers for.',
    }),
    behind: Type.Integer({ description: 'Events of the log that it has not read yet.' }),
    status: Type.Union([Type.Literal('ready'), Type.Literal('draining')]),
  },
  { title: 'Node' },
)

export function nodeRoutes(app: FastifyInstance, nodes: () => Promise<readonly ServerNode[]>): void {
  app.get('/v1/nodes', {
    config: { callers: ['operator'] },
    schema: { summary: 'The nodes', tags: ['Operation'], response: { 200: Type.Object({ items: Type.Array(node) }) } },
    handler: async () => ({ items: await nodes() }),
  })
}
