import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { adminKey, grantedTenant, startLiveReceiver, startLiveServer } from '../fixtures/live.ts'
import { fakturowniaPolicy } from './policy.ts'

/** The examples of the reference page, run. */
const page = readFileSync(new URL('../../../../../docs/reference/fakturownia.md', import.meta.url), 'utf8')

function example(name: string): string {
  return new RegExp(`<!-- example: ${name} -->\\n *\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!
}

async function importText<T>(code: string): Promise<T> {
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as T
}

test('the examples subscribe, publish, and verify what arrives', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  type Subscribe = (...given: readonly string[]) => Promise<{ id: number; api_token: string }>
  const { default: subscribe } = await importText<{ default: Subscribe }>(
    `export default async (baseUrl, accessToken, url) => {${example('subscribe')}\nreturn webhook }`,
  )
  const webhook = await subscribe(server.url, token, receiver.url)
  expect(webhook.id).toBeGreaterThan(0)
  const published = await server.call('POST', '/v1/events', { token: adminKey, body: example('publish') })
  expect(published.status).toBe(201)
  const { body } = await receiver.next()
  expect(body.toString()).toBe(/^\{"client":.*\}$/m.exec(page)![0])

  type IsGenuine = (apiToken: string, body: Buffer) => boolean
  const { isGenuine } = await importText<{ isGenuine: IsGenuine }>(example('verify'))
  expect(isGenuine(webhook.api_token, body)).toBe(true)
  expect(isGenuine(`${webhook.api_token} `, body)).toBe(false)
})

test('the settings on the page are ones that the server starts with', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-page-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'tidings.yaml')
  writeFileSync(file, example('settings'))
  const server = await startLiveServer({ file })
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  expect((await server.call('GET', `/webhooks/1.json?api_token=${token}`)).json.message).toBe('Not found')
})

test('the delays on the page are those of the policy', () => {
  const { retryDelaysSeconds } = fakturowniaPolicy
  expect(retryDelaysSeconds).toHaveLength(24)
  expect(page).toContain(`${retryDelaysSeconds.slice(0, 5).join(', ')} seconds`)
  const days = (seconds: number) => (seconds / 86_400).toFixed(1)
  expect(page).toContain(`up to ${days(retryDelaysSeconds.at(-1)!)} days`)
  expect(page).toContain(`${days(retryDelaysSeconds.reduce((sum, seconds) => sum + seconds))} days together`)
})
