import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Tidings } from '@tidings/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningServer } from '../compose.ts'
import { adminKey, startTestServer, tidings } from './fixtures/cli.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

let server: RunningServer
let folder: string
beforeAll(async () => {
  server = await startTestServer()
  // Below the workspace, where the compiler finds the client.
  folder = await mkdtemp(join(root, 'node_modules', '.cache', 'typings-'))
  await new Tidings({ url: server.url, key: adminKey }).eventTypes.put('boat.sold', {
    topic: 'boats',
    description: 'A boat was sold.',
    attributes: [{ name: 'harbour', type: 'string' }],
    names: { tripletex: 'boat.sold' },
    dataSchema: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        price: { type: 'number' },
        crew: { type: 'array', items: { $ref: '#/$defs/person' } },
      },
      required: ['name'],
      $defs: { person: { properties: { name: { type: 'string' }, boss: { $ref: '#/$defs/person' } } } },
    },
  })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const program = `
import { receive, Tidings, rawJson } from '@tidings/client'
import type { Catalogue } from './catalogue.ts'

const tidings = new Tidings<Catalogue>({ url: 'http://127.0.0.1' })
export const publisher = tidings.publisher({ onRefused() {} })

export async function publish() {
  await tidings.publish({ tenantId: 1, type: 'invoice.updated', data: { anything: 1 } })
  await publisher.publish({
    tenantId: 1,
    type: 'boat.sold',
    attributes: { harbour: 'Bodø' },
    data: { name: 'Hurtig', price: rawJson('12345678901234567.89'), crew: [{ boss: { name: 'Åse' } }] },
  })
  // @ts-expect-error no such type
  await tidings.publish({ tenantId: 1, type: 'boat.sunk' })
  // @ts-expect-error a price is a number
  await tidings.publish({ tenantId: 1, type: 'boat.sold', data: { name: 'Hurtig', price: '12' } })
  // @ts-expect-error a boat has a name
  await publisher.publish({ tenantId: 1, type: 'boat.sold', data: { price: 12 } })
  // @ts-expect-error misspelled
  await publisher.publish({ tenantId: 1, type: 'boat.sold', data: { name: 'Hurtig', prise: 12 } })
  // @ts-expect-error no such attribute
  await publisher.publish({ tenantId: 1, type: 'boat.sold', attributes: { port: 'Bodø' } })
}

export async function read() {
  for await (const event of tidings.feed('boats')) {
    // @ts-expect-error it may be any type here
    event.data?.crew?.[0]
    if (event.type === 'boat.sold') event.data?.crew?.[0]?.boss?.name satisfies string | undefined
    // @ts-expect-error no such type
    if (event.type === 'boat.sunk') return
  }
}

receive<Catalogue>({
  dialect: 'standard',
  secrets: 'whsec_AAAA',
  handle(event, { deliveryId }) {
    deliveryId satisfies string
    if (event.type === 'boat.sold') event.attributes?.harbour satisfies string | undefined
  },
})
receive<Catalogue>({
  dialect: 'tripletex',
  secrets: 'k',
  handle(event) {
    if (event.event === 'boat.sold') return
    // @ts-expect-error tripletex has no such name
    if (event.event === 'boat_sold') return
  },
})
receive<Catalogue>({
  dialect: 'cloudevents',
  secrets: 'whsec_AAAA',
  handle(event) {
    if (event.type === 'boat.sold') event.data.data?.price satisfies number | undefined
  },
})
receive({
  dialect: 'moneybird',
  secrets: 'k',
  handle(event) {
    event.action satisfies string
  },
})
`

test('the types of a server are what publish and receive are checked by', async () => {
  const file = join(folder, 'catalogue.ts')
  const env = { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey }
  const made = await tidings(['generate', 'types', '--output', file], { env })
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect(made.stdout).toMatch(/catalogue\.ts has the types of \d{3,} event types\.\n$/)
  await writeFile(join(folder, 'program.ts'), program)
  const project = { extends: join(root, 'tsconfig.json'), include: ['*.ts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project))
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  const checked = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch((error) => error)
  expect(checked.stdout).toBe('')
})

test('they go to standard output, as they are or within JSON, for one dialect where asked', async () => {
  const env = { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey }
  const plain = await tidings(['generate', 'types', '--dialect', 'tripletex'], { env })
  expect(plain.code).toBe(0)
  expect(plain.stdout).toContain('readonly "boat.sold": {')
  expect(plain.stdout).not.toContain('readonly "order-line.created"')
  const json = await tidings(['generate', 'types', '--dialect', 'tripletex', '--json'], { env })
  expect(JSON.parse(json.stdout).source).toBe(plain.stdout)
})

test('a file that cannot be written is said', async () => {
  const env = { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey }
  const failed = await tidings(['generate', 'types', '--output', join(folder, 'no', 'where.ts')], { env })
  expect(failed.code).toBe(2)
  expect(failed.stderr).toContain('cannot be written')
  await expect(readFile(join(folder, 'no', 'where.ts'))).rejects.toThrow('ENOENT')
})
