import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sectionsOfText } from '../../config/fixtures/file-text.ts'
import { adminKey, startLiveReceiver, startLiveServer } from '../fixtures/live.ts'

/** The examples of the reference page, run. */
const page = readFileSync(new URL('../../../../../docs/reference/visma-business-nxt.md', import.meta.url), 'utf8')

function example(name: string): string {
  return new RegExp(`<!-- example: ${name} -->\\n *\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!
}

async function importText<T>(code: string): Promise<T> {
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as T
}

test('the examples subscribe, publish, and verify what arrives', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  // The bodies of the operator's four commands.
  const [customer, company, application, grant] = [...page.matchAll(/-d '(\{.*\})'/g)].map((match) =>
    JSON.parse(match[1]!),
  )
  await server.operate('POST', '/v1/tenants', customer)
  await server.operate('POST', '/v1/tenants', company)
  const { id, clientId, clientSecret } = await server.operate('POST', '/v1/integrations', application)
  await server.operate('POST', `/v1/integrations/${id}/tokens`, grant)

  type Subscribe = (...given: readonly string[]) => Promise<{ target: { signatureKey: string }; subscription: object }>
  const { default: subscribe } = await importText<{ default: Subscribe }>(
    `export default async (baseUrl, clientId, clientSecret, url) => {${example('subscribe')}\nreturn { target, subscription } }`,
  )
  const { target, subscription } = await subscribe(server.url, clientId, clientSecret, receiver.url)
  expect(subscription).toMatchObject({ tableIdentifier: 'OrderLine', active: true })

  const published = await server.call('POST', '/v1/events', { token: adminKey, body: example('publish') })
  expect(published.status).toBe(201)
  const { headers, body } = await receiver.next()
  expect(body.toString()).toBe(/^\{"tableIdentifier".*\}$/m.exec(page)![0])

  type IsGenuine = (keys: readonly string[], headers: object, body: Buffer) => boolean
  const { isGenuine } = await importText<{ isGenuine: IsGenuine }>(example('verify'))
  expect(isGenuine(['another', target.signatureKey], headers, body)).toBe(true)
  expect(isGenuine(['another'], headers, body)).toBe(false)
  expect(isGenuine([target.signatureKey], headers, Buffer.from(`${body} `))).toBe(false)
  expect(isGenuine([target.signatureKey], {}, body)).toBe(false)
})

test('the catalogue on the page is one that can be read', () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(page)![1]!
  expect(() => sectionsOfText(yaml)).not.toThrow()
})
