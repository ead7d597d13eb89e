import { mkdtempSync, rmSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { builtinCatalogue } from '../catalogue/builtin.ts'
import { startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'
import { dialectNames } from '../core/dialect/dialect-names.ts'
import { isOperational } from '../core/event/operational-event.ts'
import { MovableClock } from '../core/time/movable-clock.ts'

const adminKey = 'operator-of-the-tests'
const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }

async function start(dialect: string | null) {
  const data = mkdtempSync(join(tmpdir(), 'tidings-every-'))
  const flags = { port: '0', data, adminKey, logLevel: 'silent' }
  const emulation = dialect === null ? {} : { emulation: { dialect, clock: new MovableClock() } }
  const server = await startServer(readConfig({ flags, env: {}, file: devNull }), emulation)
  onTestFinished(async () => {
    await server.close()
    rmSync(data, { recursive: true, force: true })
  })
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await answer.text()
    return { status: answer.status, text, json: JSON.parse(text) }
  }
  await post('/v1/tenants', { id: 1, name: 'Bygg AB' })
  return { url: server.url, post }
}

test.each(dialectNames)(
  'every event of %s can be fired, by its name there and by its type',
  async (dialect) => {
    const { post } = await start(dialect)
    const catalogue = builtinCatalogue(new Set(['standard', 'cloudevents']))
    const types = catalogue.types(dialect).filter(({ type }) => !isOperational(type))
    expect(types.length).toBeGreaterThan(5)
    const fire = async ({ type }: { readonly type: string }) => {
      const name = catalogue.nameIn(type, dialect)!
      const fired = await post('/v1/emulator/fire', { event: name, tenantId: 1 })
      expect(fired, fired.text).toMatchObject({ status: 201, json: { type, name, event: { type, tenantId: 1 } } })
    }
    // Together, so that they share commits.
    for (let at = 0; at < types.length; at += 64) await Promise.all(types.slice(at, at + 64).map(fire))
    const { type } = types[0]!
    const again = await post('/v1/emulator/fire', { event: type, tenantId: 1, entityId: 'x' })
    expect(again).toMatchObject({ status: 201, json: { type, event: { entityId: 'x' } } })
  },
  120_000,
)

test('refusals say what to do', async () => {
  const { url, post } = await start('tripletex')
  const unknown = await post('/v1/emulator/fire', { event: 'product.sold', tenantId: 1 })
  expect(unknown).toMatchObject({ status: 422, json: { code: 'invalid_request', detail: expect.any(String) } })
  expect(unknown.json.detail).toMatch(/The nearest names: product\.\w+, product\.\w+, product\.\w+,/)
  const mistyped = await post('/v1/emulator/fire', { event: 'prodcut.updat', tenantId: 1 })
  expect(mistyped.json.detail).toContain('The nearest names: product.update,')
  // Another system's.
  expect((await post('/v1/emulator/fire', { event: 'sales_invoice_paused', tenantId: 1 })).status).toBe(422)
  expect((await post('/v1/emulator/fire', { event: 'product.update' })).json.detail).toContain('no tenant')
  for (const forward of ['2', '2 h', '-1h', '400d', 2]) {
    expect((await post('/v1/emulator/clock', { forward })).status, String(forward)).toBe(422)
  }
  const anonymous = await fetch(`${url}/v1/emulator/clock`, { method: 'POST', body: '{"forward":"1s"}' })
  expect(anonymous.status).toBe(401)
})

test('time is moved by what was asked, and events are at the moved time', async () => {
  const { url, post } = await start('standard')
  const read = async () =>
    Date.parse(((await (await fetch(`${url}/v1/emulator/clock`, { headers })).json()) as { now: string }).now)
  const before = await read()
  const moved = await Promise.all([
    post('/v1/emulator/clock', { forward: '2h' }),
    post('/v1/emulator/clock', { forward: '30m' }),
  ])
  expect(moved.map(({ status }) => status)).toEqual([200, 200])
  const aheadMs = (await read()) - before
  expect(aheadMs).toBeGreaterThanOrEqual(2.5 * 3_600_000)
  expect(aheadMs).toBeLessThan(2.5 * 3_600_000 + 60_000)
  const fired = await post('/v1/emulator/fire', { event: 'invoice.created', tenantId: 1 })
  expect(Date.parse(fired.json.event.time)).toBeGreaterThanOrEqual(before + aheadMs)
})

test('a server that emulates nothing has none of it', async () => {
  const { post } = await start(null)
  expect((await post('/v1/emulator/fire', { event: 'invoice.updated', tenantId: 1 })).status).toBe(404)
  expect((await post('/v1/emulator/clock', { forward: '2h' })).status).toBe(404)
})
