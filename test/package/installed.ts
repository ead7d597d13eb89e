import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Tidings } from '@tidings/client'
import { describe, expect, test } from 'vitest'
import manifest from '../../packages/server/package.json' with { type: 'json' }
import { type Program, run, serve } from './program.ts'

const adminKey = 'an-operators-key-of-the-tests'
const settings = { TIDINGS_ADMIN_KEY: adminKey, TIDINGS_ALLOW_NETWORKS: '127.0.0.1', TIDINGS_ALLOW_HTTP: 'true' }

/** What holds of Tidings in whatever way it was installed. */
export function worksAsInstalled(program: () => Program): void {
  describe('as it was installed', () => {
    test('it tells its version', async () => {
      expect(await run(program(), ['--version'])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
    })

    test('it starts, takes an event, delivers it, and stops when it is told to', async () => {
      const receiver = createServer().listen(0, '127.0.0.1')
      await once(receiver, 'listening')
      const server = await serve(program(), settings)
      const operator = new Tidings({ url: server.url, key: adminKey })
      await operator.tenants.create({ id: 29302, name: 'Bygg AB' })
      const integration = await operator.integrations.create({ name: 'Payroll Sync' })
      await operator.integrations.tokens(integration.id).create({ tenantId: 29302 })
      const integrator = new Tidings({ url: server.url, ...integration })
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
      await integrator.subscriptions.create({ endpoint: { url }, types: ['invoice.*'] })
      const requested = once(receiver, 'request')
      await operator.publish({ tenantId: 29302, type: 'invoice.updated', entityId: '3817', data: { id: 3817 } })
      const [request, response] = await requested
      const body = Buffer.concat(await request.toArray()).toString()
      response.writeHead(204).end()
      expect(JSON.parse(body)).toMatchObject({ tenantId: 29302, type: 'invoice.updated', data: { id: 3817 } })
      for (const path of ['/docs', '/openapi.json', '/asyncapi.json', '/metrics', '/readyz', '/v1/event-types']) {
        const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${adminKey}` } })
        expect([path, answer.status]).toEqual([path, 200])
        await answer.arrayBuffer()
      }
      expect(await server.stop()).toBe(0)
      expect(server.said()).not.toMatch(/Warning|Error/)
      receiver.close()
      receiver.closeAllConnections()
    })

    test('its doctor finds nothing, and what it backed up is restored', async () => {
      const server = await serve(program(), settings)
      const identity = { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey }
      const copy = join(program().directory, 'copy')
      expect(await run(program(), ['backup', copy], identity)).toMatchObject({ code: 0 })
      expect(await run(program(), ['doctor', '--data', 'data'], { ...settings, ...identity })).toMatchObject({
        code: 0,
      })
      await server.stop()
      const key = join(program().directory, 'data', 'master.key')
      const restore = ['restore', copy, '--data', 'restored', '--master-key-file', key]
      expect(await run(program(), restore)).toMatchObject({ code: 0 })
    })

    test('its demonstration shows an event in every way', async () => {
      const demo = await run(program(), ['--json', 'demo', '--port', '0', '--events', '1', '--every', '1-2'])
      expect(demo).toMatchObject({ code: 0 })
    })

    test('it completes a shell, and a mistake is said without a stack', async () => {
      expect((await run(program(), ['completion', 'bash'])).stdout).toContain('complete')
      const mistaken = await run(program(), ['start', '--port', 'none'])
      expect(mistaken.code).toBe(2)
      expect(mistaken.stderr).toContain('--port')
      expect(mistaken.stderr).not.toContain('    at ')
    })
  })
}
