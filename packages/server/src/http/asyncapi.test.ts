import { expect, test } from 'vitest'
import { builtinCatalogue } from '../catalogue/builtin.ts'
import { asyncApiDocument } from './asyncapi.ts'

const catalogue = builtinCatalogue(new Set(['standard']))
const form = {
  ...{ summary: 'One event', contentType: 'application/json', payload: { type: 'object' } },
  headers: { 'webhook-id': 'The delivery.', 'x-batch?': 'How many.' },
}
// biome-ignore lint/suspicious/noExplicitAny: its shape is what the test is about.
const document: any = asyncApiDocument({
  ...{ version: '1.2.3', catalogue },
  webhooks: { 'visma-business-nxt': { event: form }, standard: { event: form, batch: form } },
})

/** What a reference points to. */
function at({ $ref }: { $ref: string }): unknown {
  const names = $ref.slice(2).split('/')
  return names.reduce((part: unknown, name) => (part as Record<string, unknown> | undefined)?.[name], document)
}

function references(part: unknown): { $ref: string }[] {
  if (typeof part !== 'object' || part === null) return []
  if ('$ref' in part) return [part as { $ref: string }]
  return Object.values(part).flatMap(references)
}

test('every reference leads to something', () => {
  const all = references(document)
  expect(all.length).toBeGreaterThan(10)
  for (const reference of all) expect([reference.$ref, at(reference) !== undefined]).toEqual([reference.$ref, true])
})

test('each dialect has a channel for its webhooks, with every form of them', () => {
  expect(Object.keys(document.channels)).toEqual(['topicsV1', 'stream', 'vismaBusinessNxtWebhook', 'standardWebhook'])
  expect(Object.keys(document.channels.standardWebhook.messages)).toEqual(['event', 'batch'])
  expect(document.operations.deliverVismaBusinessNxtWebhook).toMatchObject({ action: 'send' })
  expect(document.operations.deliverStandardWebhook.messages).toHaveLength(2)
})

test('a header that is not always there is not required', () => {
  const { headers } = document.channels.standardWebhook.messages.event
  expect(Object.keys(headers.properties)).toEqual(['webhook-id', 'x-batch'])
  expect(headers.required).toEqual(['webhook-id'])
})

test('the stream’s topics and types are those that the catalogue has for it', () => {
  const { properties } = document.channels.topicsV1.messages.event.payload
  expect(properties.topic.enum).toEqual([...catalogue.topics('fortnox')])
  expect(properties.type.enum).toEqual([...catalogue.names('fortnox')])
})

test('every command is what a client may send, with an example that holds what is required', () => {
  const carried = document.operations.carryOutCommand.messages.map((message: { $ref: string }) => at(message))
  expect(carried).toHaveLength(5)
  for (const { payload, examples } of carried) {
    const [{ payload: example }] = examples
    expect(payload.required.filter((name: string) => !(name in example))).toEqual([])
    expect(example.command).toBe(payload.properties.command.const)
  }
  expect(document.channels.topicsV1.messages.addTenants.payload.required).not.toContain('includeChildTenants')
})
