import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tidings } from '@tidings/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, closedUrl, type Finished, startTestServer, tidings } from './fixtures/cli.ts'

let server: Awaited<ReturnType<typeof startTestServer>>
let env: Record<string, string>
const closedPort = await closedUrl()

beforeAll(async () => {
  server = await startTestServer()
  env = { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey }
})
afterAll(() => server.close())

async function json(...args: string[]) {
  const finished = await tidings([...args, '--json'], { env })
  expect(finished, finished.stderr).toMatchObject({ code: 0 })
  return JSON.parse(finished.stdout)
}

/** The titles of a piped table, of which nothing is cut. */
function titles({ stdout }: Finished): string {
  expect(stdout).not.toContain('…')
  return stdout.split('\n')[0]!.trim().replace(/ {2,}/g, ', ')
}

test('tenants live from create to delete', async () => {
  expect(await json('tenants', 'create', '29300', 'Koncernen')).toMatchObject({ id: 29300, name: 'Koncernen' })
  expect(await json('tenants', 'create', '29302', 'Bygg AB', '--parent', '29300')).toMatchObject({ parentId: 29300 })
  expect(await json('tenants', 'update', '29302', '--name', 'Bygg i Lund AB')).toMatchObject({ name: 'Bygg i Lund AB' })
  expect(await json('tenants', 'get', '29302')).toMatchObject({ name: 'Bygg i Lund AB', parentId: 29300 })
  expect(await json('tenants', 'list')).toHaveLength(2)
  const table = await tidings(['tenants', 'list'], { env })
  expect(table.stdout).toMatch(/^ +ID {2}NAME .*\n29300 {2}Koncernen/)
  await json('tenants', 'delete', '29302')
  expect(await json('tenants', 'list')).toHaveLength(1)
})

test('the audit log is shown with what identifies a change, whole in a pipe, by every filter', async () => {
  const { id } = await json('integrations', 'create', 'Audited')
  await json('tenants', 'create', '501', 'Five hundred and one')
  const token = await json('tokens', 'create', id, '501')
  await json('tokens', 'delete', id, token.id)
  const table = await tidings(['audit', '--tenant', '501', '--kind', 'token'], { env })
  const row = ` +operator +configured +deleted +token +${token.id} +${id} +501 +DELETE /v1/integrations/:id/tokens/:tokenId +127.0.0.1$`
  expect(table.stdout.split('\n')[1]).toMatch(new RegExp(row))
  expect(table.stdout).not.toContain('…')
  const filters = ['--integration', id, '--subject', token.id, '--action', 'deleted', '--actor', 'operator']
  const more = ['--address', '127.0.0.1', '--since', '1h', '--until', '2100-01-01']
  expect(await json('audit', ...filters, ...more)).toMatchObject([{ id: token.id, integrationId: id, tenantId: 501 }])
  const cut = await tidings(['audit', '--integration', id, '--limit', '1'], { env })
  expect(cut.stdout.trim().split('\n')).toHaveLength(2)
  expect(cut.stderr).toContain('There are more than these 1')
  await json('integrations', 'delete', id)
  await json('tenants', 'delete', '501')
})

test('a tenant id of 64 bits keeps its digits, given and shown', async () => {
  const [parent, tenant] = ['9223372036854775807', '116015326147118083']
  const run = async (...args: string[]) => {
    const finished = await tidings(args, { env })
    expect(finished, finished.stderr).toMatchObject({ code: 0 })
    return finished.stdout
  }
  await run('tenants', 'create', parent, 'Group')
  expect(await run('tenants', 'create', tenant, 'Child', '--parent', parent, '--json')).toContain(
    `"id":${tenant},"name":"Child","parentId":${parent},`,
  )
  expect(await run('tenants', 'list')).toMatch(new RegExp(`${tenant} {2}Child +${parent}`))
  const { id } = await json('integrations', 'create', 'Of the child')
  expect(await run('tokens', 'create', id, tenant)).toContain(`tenant       ${tenant}`)
  const client = new Tidings({ url: server.url, key: adminKey })
  expect(await client.tenants.get(116015326147118083n)).toMatchObject({ id: BigInt(tenant), parentId: BigInt(parent) })
  await client.publish({ tenantId: BigInt(tenant), type: 'invoice.updated', entityId: '3817' })
  const tail = ['tail', '--since', '1h', '--tenant', `${parent},${tenant}`, '--events', '1']
  expect(await run(...tail)).toContain(`${tenant} invoice.updated`)
  const page = await client.feedPage('invoices', { tenants: [BigInt(tenant)] })
  expect(page.events.map(({ tenantId }) => tenantId)).toEqual([BigInt(tenant)])

  const refused = await tidings(['tenants', 'get', '9223372036854775808'], { env })
  expect(refused.stderr).toContain('an integer from 1 to 9223372036854775807')
  await client.integrations.delete(id)
  for (const each of [tenant, parent]) await client.tenants.delete(BigInt(each))
})

test('integrations, tokens and keys show their secrets once', async () => {
  await json('tenants', 'create', '41', 'Fjord AS')
  const made = await json('integrations', 'create', 'Payroll Sync')
  expect(made.clientSecret).toMatch(/^tid_sec_/)
  expect((await json('integrations', 'get', made.id)).clientSecret).toBeUndefined()
  expect(await json('integrations', 'list')).toEqual([expect.objectContaining({ id: made.id })])
  const table = await tidings(['integrations', 'list'], { env })
  expect(table.stdout).toContain(made.id)
  expect(titles(table)).toBe('ID, NAME, CLIENT ID, CREATED')

  const token = await json(
    'tokens',
    'create',
    made.id,
    '41',
    '--types',
    'invoice.*',
    '--expires',
    '2099-01-01T00:00:00Z',
  )
  expect(token.accessToken).toMatch(/^tid_at_/)
  expect(await json('tokens', 'list', made.id)).toEqual([
    expect.objectContaining({ id: token.id, types: ['invoice.*'], tenantId: 41 }),
  ])
  const tokens = await tidings(['tokens', 'list', made.id], { env })
  expect(titles(tokens)).toBe('ID, INTEGRATION, TENANT, TYPES, EXPIRES')
  expect(tokens.stdout).toMatch(new RegExp(`${token.id} +${made.id} +41 +invoice`))
  await json('tokens', 'delete', made.id, token.id)
  expect(await json('tokens', 'list', made.id)).toEqual([])

  const human = await tidings(
    ['integrations', 'create', 'By hand', '--import-client-secret', 'a-secret-of-old-that-is-long'],
    { env },
  )
  expect(human.stdout).toContain('a-secret-of-old-that-is-long')
  expect(human.stderr).toContain('not shown again')

  const key = await json('keys', 'create', '--kind', 'pub', '--name', 'ERP')
  expect(key.key).toMatch(/^tid_pub_/)
  expect(await json('keys', 'list')).toContainEqual(expect.objectContaining({ id: key.id, kind: 'pub', name: 'ERP' }))
  await json('keys', 'create', '--kind', 'portal', '--integration', made.id, '--name', 'x'.repeat(200))
  const keys = await tidings(['keys', 'list'], { env })
  expect(titles(keys)).toBe('ID, KIND, NAME, INTEGRATION, CREATED, EXPIRES')
  expect(keys.stdout).toMatch(new RegExp(`portal +x{200} +${made.id} `))
  await json('keys', 'delete', key.id)
  await json('integrations', 'delete', made.id)
})

test('the catalogue is listed by dialect and word', async () => {
  const types = await json('event-types', 'list', '--dialect', 'fortnox', '--match', 'invoice.charged')
  expect(types).toEqual([expect.objectContaining({ type: 'invoice.charged', topic: 'invoices' })])
  const table = await tidings(['event-types', 'list', '--match', 'voucher'], { env })
  expect(table.stdout).toContain('voucher.created')
  expect(titles(table)).toBe('TYPE, TOPIC, DIALECTS')
  expect(await json('event-types', 'get', 'invoice.updated')).toMatchObject({ topic: 'invoices' })
})

test('the operator adds a type, and takes it away', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-type-'))
  const file = join(directory, 'type.json')
  await writeFile(file, JSON.stringify({ topic: 'parcels', description: 'A parcel left the house.' }))
  expect(await json('event-types', 'put', 'parcel.shipped', file)).toMatchObject({ topic: 'parcels' })
  expect(await json('event-types', 'list', '--match', 'parcel.')).toHaveLength(1)
  expect(await json('event-types', 'delete', 'parcel.shipped')).toEqual({ deleted: 'parcel.shipped' })
  expect(await json('event-types', 'list', '--match', 'parcel.')).toEqual([])
  await rm(directory, { recursive: true })
})

test.each([
  ['no key', ['tenants', 'list'], { TIDINGS_KEY: '' }, 3, 'unauthorized', /Give a key with --key/],
  ['a wrong key', ['tenants', 'list', '--key', 'wrong'], {}, 3, 'unauthorized', /does not know this key/],
  ['nobody there', ['tenants', 'list', '--url', closedPort], {}, 4, 'unreachable', /tidings start/],
  ['what does not exist', ['tenants', 'get', '77'], {}, 5, 'not_found', /./],
  ['no address', ['tenants', 'list', '--url', 'ftp://x'], {}, 2, 'usage', /http:\/\/ or https:\/\//],
  ['two identities', ['keys', 'list', '--key', 'a', '--client-id', 'b'], {}, 2, 'usage', /not both/],
])('%s: the message says what to do, the exit code says what it was', async (_name, args, extra, code, error, hint) => {
  const finished = await tidings([...args, '--json'], { env: { ...env, ...extra } })
  expect(finished.code).toBe(code)
  expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code: error } })
  expect(finished.stderr).toMatch(hint)
})

test('the admin key of the server is taken when there is no other', async () => {
  const finished = await tidings(['keys', 'list'], { env: { TIDINGS_URL: server.url, TIDINGS_ADMIN_KEY: adminKey } })
  expect(finished).toMatchObject({ code: 0 })
})

test('wrong use is exit code 2 and names the help', async () => {
  for (const args of [
    ['nonsense'],
    ['tenants', 'create', '1'],
    ['keys', 'list', '--nonsense'],
    ['tokens', 'create', 'int_1', 'x'],
  ]) {
    const finished = await tidings(args, { env })
    expect(finished.code, args.join(' ')).toBe(2)
    expect(finished.stdout).toBe('')
  }
})
