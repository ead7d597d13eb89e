import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entityUrl, parseEntityUrl } from './entity-url.ts'

function templateOf(text: string) {
  const parsed = parseEntityUrl(text)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.template
}

test('the places are filled', () => {
  const template = templateOf('https://app.internal:8443/t/{tenantId}/invoices/{entityId}?full=1&id={entityId}')
  expect(entityUrl(template, 29302, '3817')).toBe('https://app.internal:8443/t/29302/invoices/3817?full=1&id=3817')
  expect(entityUrl(template, 1, 'a/b?c#d e%2e')).toBe(
    'https://app.internal:8443/t/1/invoices/a%2Fb%3Fc%23d%20e%252e?full=1&id=a%2Fb%3Fc%23d%20e%252e',
  )
})

describe('no id', () => {
  const template = templateOf('https://app.internal/api/{tenantId}/invoices/{entityId}')

  test('leaves its place in the path', () => {
    const nasty = fc.stringMatching(/^[./\\%2eEfF#?@:&;{}]{0,12}$/)
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (id) => {
        const text = entityUrl(template, 7, id)
        if (text === null) return
        const url = new URL(text)
        expect(url.href).toBe(text.replaceAll("'", url.href.includes('%27') ? '%27' : "'"))
        expect([url.origin, url.search, url.hash]).toEqual(['https://app.internal', '', ''])
        const segments = url.pathname.split('/')
        expect(segments.slice(0, 4)).toEqual(['', 'api', '7', 'invoices'])
        expect(segments).toHaveLength(5)
        expect(decodeURIComponent(segments[4]!)).toBe(id)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(['', '.', '..', '...', '\ud800'])('%j is asked for', (id) => {
    expect(entityUrl(template, 7, id)).toBeNull()
  })
})

test.each([
  ['', 'absolute'],
  ['/api/{entityId}', 'absolute'],
  ['ftp://app.internal/{entityId}', 'absolute'],
  ['https://{tenantId}.app.internal/{entityId}', 'absolute'],
  ['https://user:pw@app.internal/{entityId}', 'absolute'],
  ['https://app.internal', 'absolute'],
  ['https://app.internal/{entityId}#x', 'absolute'],
  ['https://app.internal/a b/{entityId}', 'absolute'],
  ['https://app.internal/{id}', 'no other braces'],
  ['https://app.internal/{entityId}/{', 'no other braces'],
  ['https://app.internal/invoices', 'must hold the place {entityId}'],
  ['https://app.internal:99999/{entityId}', 'cannot|is not a URL'],
])('%j is no template', (text, detail) => {
  const parsed = parseEntityUrl(text)
  expect(parsed).toMatchObject({ ok: false, detail: expect.stringMatching(new RegExp(detail)) })
})
