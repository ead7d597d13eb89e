import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { startCommand } from '../../packages/server/src/cli/fixtures/cli.ts'
import { standIns } from '../../packages/server/src/compose.ts'
import { dialectNames } from '../../packages/server/src/core/dialect/dialect-names.ts'
import { startLiveReceiver } from '../../packages/server/src/dialects/fixtures/live.ts'

/** The examples of docs/guides/emulate.md, run. */
const page = readFileSync(new URL('../../docs/guides/emulate.md', import.meta.url), 'utf8')
const binaries = dirname(fileURLToPath(new URL('../../packages/server/bin/tidings', import.meta.url)))
const path = `${binaries}:${process.env.PATH}`

function example(name: string): string {
  return new RegExp(`<!-- example: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!
}

beforeEach(() => {
  vi.stubEnv('PATH', path)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

/** Runs a block of the page as a shell does, with what the stand-in says to export. */
async function run(name: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const env = { PATH: path, HOME: process.env.HOME ?? '', ...environment }
  return (await promisify(execFile)('sh', ['-euc', example(name)], { env })).stdout
}

test('its commands do what it says', async () => {
  const [, ...words] = /```sh\nnpx tidings (emulate tripletex)\n```/.exec(page)![1]!.split(' ')
  const command = startCommand(['emulate', ...words, '--port', '0', '--json'])
  onTestFinished(() => command.kill('SIGKILL'))
  const { environment, credentials } = JSON.parse((await command.said('\n')).stdout)
  const receiver = await startLiveReceiver()
  receiver.answer = 500
  const { status } = await fetch(`${credentials.baseUrl}/event/subscription`, {
    method: 'POST',
    headers: { authorization: credentials.companies[0].authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'product.update', targetUrl: receiver.url }),
  })
  expect(status).toBe(201)

  const fired = await run('fire', environment)
  expect(fired).toMatch(/^product\.update \d+ of 29302 was raised/)
  expect(fired).toMatch(/^product\.update 3817 of 41877 was raised/m)
  expect(fired).toMatch(/^customer\.create \d+ of 29302 was raised/m)
  await run('publish', environment)
  const moved = await run('forward', environment)
  expect(moved).toMatch(/^It is \d{4}-/)
  expect(moved).toMatch(/failed +sub_\w+ +29302 +product\.updated +3817 +evt_\w+ +9 /)

  const answers = await run('routes', environment)
  expect(answers).toContain('"name":"product.update"')
  expect(answers).toMatch(/\{"now":"\d{4}-[^"]+"\}$/)

  expect(namesIn(credentials)).toEqual(namesOnPage('tripletex'))
  command.kill('SIGINT')
  expect((await command.done).code).toBe(0)
})

test('the test that it shows passes', async () => {
  const { startStandIn } = await import(`data:text/javascript,${encodeURIComponent(example('helper'))}`)
  const endpoint = await startLiveReceiver()
  const code = `export default async (startStandIn, endpoint, assert) => {${example('use')}}`
  const { default: use } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  await use(startStandIn, endpoint, assert)
  expect(endpoint.requests).toHaveLength(9)
})

test('it names every dialect, and what is printed for each', async () => {
  const tenants = [{ tenantId: 1, name: 'Bygg AB', accessToken: 'at' }]
  const grants = { url: 'http://127.0.0.1:1', clientId: 'id', clientSecret: 'secret', tenants }
  for (const dialect of dialectNames) {
    const named = namesOnPage(dialect)
    expect(named.length, dialect).toBeGreaterThan(3)
    if (dialect === 'tripletex') continue
    const parent = { tenantId: 2, name: 'Nord' }
    const access = (await standIns.accessOf(dialect, { ...grants, parent })) ?? {
      baseUrl: '',
      ...grants,
      url: undefined,
    }
    expect(namesIn(JSON.parse(JSON.stringify(access))), dialect).toEqual(named)
  }
})

function namesOnPage(dialect: string): readonly string[] {
  const row = page.split('\n').find((line) => line.startsWith('| `') && line.split('|')[1]!.includes(`\`${dialect}\``))
  return [...(row?.split('|')[2] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]!).sort()
}

/** The names of all members, at any depth. */
function namesIn(value: unknown): readonly string[] {
  const names = new Set<string>()
  JSON.stringify(value, (name, member) => {
    if (name !== '' && !/^\d+$/.test(name)) names.add(name)
    return member
  })
  return [...names].sort()
}
