import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sectionsOfText } from '../../config/fixtures/file-text.ts'
import { grantedTenant, startLiveReceiver, startLiveServer } from '../fixtures/live.ts'
import { moneybirdPolicy } from './policy.ts'

/** The examples of the reference page, run. */
const docs = new URL('../../../../../docs/', import.meta.url)
const page = readFileSync(new URL('reference/moneybird.md', docs), 'utf8')

function example(name: string): string {
  return new RegExp(`<!-- example: ${name} -->\\n *\`\`\`js\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!
}

const yamlOf = (text: string) => /```yaml\n([\s\S]*?)```/.exec(text)![1]!

type IsGenuine = (secret: string, header: unknown, body: Buffer, nowMs?: number) => boolean

async function importText<T>(code: string): Promise<T> {
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as T
}

test('the examples subscribe, and verify what arrives', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  type Subscribe = (...given: readonly unknown[]) => Promise<{ enabled_events: string[]; secret: string }>
  const { default: subscribe } = await importText<{ default: Subscribe }>(
    `export default async (baseUrl, administrationId, accessToken, url) => {${example('subscribe')}\nreturn webhook }`,
  )
  const webhook = await subscribe(server.url, 29302, token, receiver.url)
  expect(webhook.enabled_events).toEqual(['sales_invoice', 'contact_created'])
  await receiver.next()

  await server.operate('POST', '/v1/events', { tenantId: 29302, type: 'contact.created', entityId: '1' })
  const { headers, body } = await receiver.next()
  const { isGenuine } = await importText<{ isGenuine: IsGenuine }>(example('verify'))
  const header = headers['moneybird-signature']
  expect(isGenuine(webhook.secret, header, body)).toBe(true)
  expect(isGenuine('other', header, body)).toBe(false)
  expect(isGenuine(webhook.secret, header, Buffer.from(`${body} `))).toBe(false)
  expect(isGenuine(webhook.secret, header, body, Date.now() + 302_000)).toBe(false)
  expect(isGenuine(webhook.secret, 't=soon,v1=00', body)).toBe(false)
  const t = Math.floor(Date.now() / 1_000)
  const v1 = createHmac('sha256', webhook.secret).update(`${t}.`).update(body).digest('hex')
  expect(isGenuine(webhook.secret, `t=${t},v1=${'0'.repeat(64)},v1=${v1}`, body)).toBe(true)
})

test('the delays on the page are those of the policy', () => {
  const delays = [...moneybirdPolicy.retryDelaysSeconds]
  const last = delays.pop()
  expect(page).toContain(`${delays.join(', ')} and ${last} seconds apart`)
})

test('the catalogue on the page is one that can be read', () => {
  expect(() => sectionsOfText(yamlOf(page))).not.toThrow()
})

test('the entity sources of the guide are ones that can be read', () => {
  const guide = readFileSync(new URL('guides/entity-source.md', docs), 'utf8')
  const fileText = yamlOf(guide).replace('7d1c…', '7d1c')
  expect([...sectionsOfText(fileText).entitySources.keys()]).toEqual(['invoice', 'contact'])
})

test('a webhook of elsewhere is taken over with its id and its token', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  const settings = JSON.parse(/"settings": (\{.*?\})/.exec(page)![1]!)
  const body = { dialect: 'moneybird', types: ['contact.*'], endpoint: { url: receiver.url }, settings }
  expect((await server.call('POST', '/v1/subscriptions', { token, body })).status).toBe(201)
  await receiver.next()
  await server.operate('POST', '/v1/events', { tenantId: 29302, type: 'contact.created', entityId: '1' })
  expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({
    webhook_id: settings.webhookId,
    webhook_token: settings.token,
  })
  const path = `/api/v2/29302/webhooks/${settings.webhookId}`
  expect((await server.call('PATCH', `${path}/deactivate`, { token })).json.id).toBe(settings.webhookId)
  expect((await server.call('DELETE', path, { token })).status).toBe(204)
})
