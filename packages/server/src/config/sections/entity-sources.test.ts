import { expect, test } from 'vitest'
import { AppError } from '../../core/errors.ts'
import { sectionsOfText } from '../fixtures/file-text.ts'

const read = (fileText: string) => sectionsOfText(fileText).entitySources

test('a source is a URL, or a mapping with one', () => {
  const sources = read(`
port: 1
entitySources:
  invoice: https://app.internal/api/invoices/{entityId}
  contact:
    url: http://10.0.0.1:3000/{tenantId}?id={entityId}
    headers: { Authorization: Bearer 7d1c, X-Own: "1" }
    timeoutMs: 500
    cacheMs: 0
`)
  expect([...sources]).toEqual([
    [
      'invoice',
      {
        template: { parts: ['https://app.internal/api/invoices/', '{entityId}', ''] },
        headers: {},
        timeoutMs: 2_000,
        cacheMs: 1_000,
      },
    ],
    [
      'contact',
      {
        template: { parts: ['http://10.0.0.1:3000/', '{tenantId}', '?id=', '{entityId}', ''] },
        headers: { Authorization: 'Bearer 7d1c', 'X-Own': '1' },
        timeoutMs: 500,
        cacheMs: 0,
      },
    ],
  ])
})

test.each(['', 'port: 1', 'entitySources:', 'entitySources: {}'])('%j has none', (text) => {
  expect(read(text).size).toBe(0)
})

test('every fault is told at once, and no header is shown', () => {
  const text = `
entitySources:
  invoice.updated: https://app.internal/{entityId}
  order: 7
  offer: { headers: { "a b": x, Host: y, Authorization: "secret\\n" }, timeoutMs: 1, cacheMs: 1.5, retries: 3 }
  contact: { url: "https://app.internal/", headers: [] }
  note: https://app.internal/{id}
`
  expect(() => read(text)).toThrow(AppError)
  try {
    read(text)
  } catch (error) {
    const { code, errors, message } = error as AppError
    expect(code).toBe('invalid_configuration')
    expect(errors.map(({ pointer }) => pointer.replace(/^tidings.yaml line \d+: entitySources./, '')).sort()).toEqual([
      'contact.headers',
      'contact.url',
      'invoice.updated',
      'note',
      'offer.cacheMs',
      'offer.headers.Authorization',
      'offer.headers.Host',
      'offer.headers.a b',
      'offer.retries',
      'offer.timeoutMs',
      'offer.url',
      'order',
    ])
    expect(message).not.toContain('secret')
  }
  expect(() => read('entitySources: [a]')).toThrow('mapping of entities')
})
