import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memberText, Tidings } from '@tidings/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, startCommand, startTestServer, tidings } from './fixtures/cli.ts'

let server: Awaited<ReturnType<typeof startTestServer>>
let env: Record<string, string>
let client: Tidings
let directory: string

beforeAll(async () => {
  server = await startTestServer()
  env = { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey }
  client = new Tidings({ url: server.url, key: adminKey })
  await client.tenants.create({ id: 1, name: 'One' })
  directory = await mkdtemp(join(tmpdir(), 'tidings-publish-'))
})
afterAll(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

const event = (id: string, more = '') => `{"tenantId":1,"type":"invoice.updated","entityId":"7","id":"${id}"${more}}`

async function rawOf(id: string): Promise<string> {
  for await (const each of client.feed('invoices').untilEnd()) if (each.id === id) return each.raw
  throw new Error(`${id} is not in the feed`)
}

test('one event by its options keeps its digits', async () => {
  const args = ['--type', 'invoice.updated', '--tenant', '1', '--entity', '7', '--id', 'by-options']
  const finished = await tidings(['publish', ...args, '--data', '{"total":12345678901234567.89}', '--json'], { env })
  expect(finished.code, finished.stderr).toBe(0)
  expect(JSON.parse(finished.stdout)).toMatchObject({ events: [{ id: 'by-options', duplicate: false }] })
  expect(memberText(await rawOf('by-options'), 'data')).toBe('{"total":12345678901234567.89}')
})

test.each([
  [
    'a document of several lines',
    '{\n  "tenantId": 1,\n  "type": "invoice.updated",\n  "entityId": "7",\n  "id": "x1"\n}',
    1,
  ],
  ['one line', event('x2'), 1],
  ['an array', `[\n${event('x3')},\n${event('x4')}\n]`, 2],
])('%s from standard input is one request', async (_name, input, count) => {
  const finished = await tidings(['publish', '--json'], { env, input })
  expect(finished.code, finished.stderr).toBe(0)
  expect(JSON.parse(finished.stdout).events).toHaveLength(count)
})

test('lines are answered one by one; refused ones are named, kept, and do not stop the rest', async () => {
  const file = join(directory, 'events.ndjson')
  const failed = join(directory, 'failed.ndjson')
  const bad = '{"tenantId":0,"type":"no-such"}'
  await writeFile(
    file,
    `${event('l1')}\n\n${bad}\r\nnot json at all\n${event('l5', ',"data":{"n":20250206211528366123}')}\n${event('l1')}`,
  )
  const finished = await tidings(['publish', file, '--failed', failed, '--json'], { env })
  expect(finished.code).toBe(1)
  const lines = finished.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ line, ok }) => [line, ok])).toEqual([
    [1, true],
    [3, false],
    [4, false],
    [5, true],
    [6, true],
    [undefined, undefined],
  ])
  expect(lines.at(-1).summary).toMatchObject({ stored: 2, duplicates: 1, refused: 2 })
  expect(await readFile(failed, 'utf8')).toBe(`${bad}\r\nnot json at all\n`)
  expect(memberText(await rawOf('l5'), 'data')).toBe('{"n":20250206211528366123}')

  const human = await tidings(['publish', file], { env })
  expect(human.stderr).toMatch(/line 3: .*tenantId/)
  expect(human.stdout).toMatch(/^0 stored, 3 already there, 2 refused in /)
})

test('events of a tenant that does not exist are stored, and the command says so', async () => {
  const args = ['publish', '--type', 'invoice.updated', '--tenant', '404', '--entity', '7']
  const single = await tidings(args, { env })
  expect(single.code).toBe(0)
  expect(single.stderr).toMatch(/^1 event is for a tenant that does not exist yet.*tidings tenants create/)
  const line = (id: string, tenantId: number) =>
    `{"tenantId":${tenantId},"type":"invoice.updated","entityId":"${id}"}\n`
  const input = line('1', 404) + line('2', 1) + line('3', 405)
  const lines = await tidings(['publish', '--format', 'ndjson', '--json'], { env, input })
  expect(lines.stderr).toMatch(/^2 events are for tenants that do not exist yet/m)
  expect(
    lines.stdout
      .split('\n')
      .slice(0, 3)
      .map((text) => JSON.parse(text).event.tenantKnown),
  ).toEqual([false, undefined, false])
})

test('bytes that are not UTF-8 are refused, not replaced', async () => {
  const file = join(directory, 'latin1.ndjson')
  const line = Buffer.from(event('latin', ',"data":{"name":"Åke"}'), 'latin1')
  await writeFile(file, Buffer.concat([Buffer.from(`${event('utf')}\n`), line]))
  const finished = await tidings(['publish', file, '--format', 'ndjson', '--json'], { env })
  expect(finished.code).toBe(1)
  expect(
    finished.stdout
      .split('\n')
      .slice(0, 2)
      .map((text) => JSON.parse(text).ok),
  ).toEqual([true, false])
})

test('more than a request may hold goes as a stream, with back-pressure', async () => {
  const file = join(directory, 'many.ndjson')
  const count = 20_000
  await writeFile(file, Array.from({ length: count }, (_, index) => `${event(`many-${index}`)}\n`).join(''))
  const finished = await tidings(['publish', file], { env })
  expect(finished.stdout).toMatch(/^20,000 stored in [\d.]+ s \([\d,]+\/s\)\n$/)
  const rest = await tidings(['publish', file, '--skip', String(count - 1), '--json'], { env })
  expect(JSON.parse(rest.stdout.split('\n')[0]!)).toMatchObject({ line: count, event: { duplicate: true } })
})

test('a slow producer is answered while it is still writing', async () => {
  const command = startCommand(['publish', '--format', 'ndjson', '--json'], env)
  command.write(`${event('slow-1')}\n`)
  await command.said('"slow-1"')
  command.write(`${event('slow-2')}\n`)
  await command.said('"slow-2"')
  command.end()
  expect((await command.done).code).toBe(0)
})

test('Ctrl-C says where to go on', async () => {
  const command = startCommand(['publish', '--format', 'ndjson', '--json'], env)
  command.write(`${event('cut-1')}\n`)
  await command.said('"cut-1"')
  command.kill('SIGINT')
  const finished = await command.done
  expect(finished.code).toBe(130)
  expect(finished.stderr).toContain('--skip 1')
})

test.each([
  ['an event that is refused', [], event('bad').replace('invoice.updated', 'no.such'), 5, 'invalid_event'],
  ['nothing at all', [], '', 2, 'usage'],
  ['broken JSON', [], '{"tenantId":\n', 2, 'usage'],
  ['a file that is not there', ['/nowhere/at/all.json'], '', 2, 'usage'],
  ['a file and an option', ['x.json', '--type', 'invoice.updated'], '', 2, 'usage'],
])('%s', async (_name, args, input, code, error) => {
  const finished = await tidings(['publish', ...args, '--json'], { env, input })
  expect(finished.code, finished.stderr).toBe(code)
  expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code: error } })
})
