import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sectionsOfText } from '../../config/fixtures/file-text.ts'
import { startLiveReceiver, startLiveServer } from '../fixtures/live.ts'
import { modelOf } from './entity-model.ts'
import { tripletexClient } from './fixtures/client.ts'

/** The examples of the reference page, run. */
const page = readFileSync(new URL('../../../../../docs/reference/tripletex.md', import.meta.url), 'utf8')

function example(name: string): string {
  return new RegExp(`<!-- example: ${name} -->\\n *\`\`\`js\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!
}

type IsGenuine = (secret: string, headers: Readonly<Record<string, unknown>>, body: Buffer) => boolean

test('the examples subscribe, and verify what arrives', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { consumerToken, employeeToken } = await tripletexClient(server, { tenantId: 29302 })
  const names = ['baseUrl', 'consumerToken', 'employeeToken', 'targetUrl', 'hmacSharedSecret']
  const code = `export default async (${names.join()}) => {${example('subscribe')}\nreturn subscription }`
  const { default: subscribe } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  const made = await subscribe(server.url, consumerToken, employeeToken, receiver.url, 'hush')
  expect(made).toMatchObject({ event: 'product.update', status: 'ACTIVE', targetUrl: receiver.url })

  await server.operate('POST', '/v1/events', {
    tenantId: 29302,
    type: 'product.updated',
    entityId: '1',
    data: { id: 1 },
  })
  const { headers, body } = await receiver.next()
  const { isGenuine } = (await import(`data:text/javascript,${encodeURIComponent(example('verify'))}`)) as {
    isGenuine: IsGenuine
  }
  expect(isGenuine('hush', headers, body)).toBe(true)
  expect(isGenuine('other', headers, body)).toBe(false)
  expect(isGenuine('hush', { ...headers, 'idempotency-key': 'dlv_2' }, body)).toBe(false)
  expect(isGenuine('hush', { ...headers, 'x-request-signature': undefined }, body)).toBe(false)
  expect(isGenuine('hush', headers, Buffer.concat([body, Buffer.from(' ')]))).toBe(false)
})

test("the operator's example is a catalogue", () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(page)![1]!
  const type = sectionsOfText(yaml).eventTypes.byName('tripletex', 'boat.sold')
  expect([...modelOf(type?.details.get('tripletex'))!.keys()]).toContain('owner')
})
