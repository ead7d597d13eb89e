import { expect, test } from 'vitest'
import { selfSigned } from './fixtures/certificates.ts'
import { isUsableTlsMaterial, TlsContexts } from './tls-contexts.ts'

const made = await Promise.all([selfSigned({ names: ['a.example'] }), selfSigned({ names: ['b.example'] })])
const [one, other] = made.map(({ cert, key }) => ({ certificate: cert, key }))

test('a context is made once for the same material, and told from others', () => {
  const contexts = new TlsContexts()
  const first = contexts.identityOf(one)
  expect(first?.hasCertificate).toBe(true)
  expect(contexts.identityOf({ ...one! })).toBe(first)
  expect(contexts.identityOf(other)?.id).not.toBe(first?.id)
  expect(contexts.identityOf(undefined)).toBe(contexts.identityOf(undefined))
  expect(contexts.identityOf(undefined)).toMatchObject({ id: '', hasCertificate: false })
})

test('the one that was used longest ago is dropped first', () => {
  const contexts = new TlsContexts(2)
  const first = contexts.identityOf(one)
  contexts.identityOf(other)
  contexts.identityOf(one)
  contexts.identityOf({ ca: one!.certificate })
  expect(contexts.identityOf(one)).toBe(first)
})

test('material that cannot be read makes none', () => {
  expect(new TlsContexts().identityOf({ certificate: 'no PEM', key: 'no PEM' })).toBeNull()
})

test.each([
  ['a certificate with its key', one, true],
  ['an authority alone', { ca: made[0]!.cert }, true],
  ['a certificate without a key', { certificate: one!.certificate }, false],
  ['a key of another certificate', { certificate: one!.certificate, key: other!.key }, false],
  ['an authority that is none', { ca: 'no PEM' }, false],
])('%s', (_what, material, isUsable) => {
  expect(isUsableTlsMaterial(material!)).toBe(isUsable)
})
