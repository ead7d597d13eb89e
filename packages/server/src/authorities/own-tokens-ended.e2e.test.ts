import { describe, expect, test } from 'vitest'
import { claims, type OwnTokens, startOwnTokens, statusOf } from './fixtures/own-tokens.ts'

/** The order of P-256 (FIPS 186-4 D.1.2.3): with (r, s) also (r, n − s) is a signature of the same text. */
const orderOfP256 = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

function otherSignature(token: string): string {
  const [header, payload, signature = ''] = token.split('.')
  const hex = Buffer.from(signature, 'base64url').toString('hex')
  const s = orderOfP256 - BigInt(`0x${hex.slice(64)}`)
  const other = Buffer.from(hex.slice(0, 64) + s.toString(16).padStart(64, '0'), 'hex')
  return `${header}.${payload}.${other.toString('base64url')}`
}

/** Other texts that a lenient decoder reads as the same bytes. */
function respelled(token: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1)!)
  // 64 bytes are 85 characters and 2 bits: the last character has four more that mean nothing.
  const others = [1, 2, 15].map((bits) => token.slice(0, -1) + alphabet[last ^ bits])
  return [...others, `${token}=`, `${token}==`, token.replaceAll('-', '+').replaceAll('_', '/')].filter(
    (text) => text !== token,
  )
}

async function end(own: OwnTokens): Promise<void> {
  const path = `/v1/integrations/${own.integrationId}/tokens`
  for (const { id } of (await own.operate('GET', path)).items) await own.operate('DELETE', `${path}/${id}`)
}

describe('a grant that the operator ended', () => {
  test('is not proven anew by another spelling of its token, nor after a restart', async () => {
    const own = await startOwnTokens()
    const token = await own.local.sign(claims)
    expect(await statusOf(own, token)).toBe(200)
    expect(await statusOf(own, otherSignature(token))).toBe(200)
    await end(own)
    const all = [token, otherSignature(token), ...respelled(token), ...respelled(otherSignature(token))]
    for (const text of all) expect(await statusOf(own, text)).not.toBe(200)
    await own.restart()
    await own.clock.advance(61_000)
    for (const text of all) expect(await statusOf(own, text)).not.toBe(200)
    expect((await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items).toEqual([])
    await own.clock.advance(61_000)
    expect(await statusOf(own, await own.local.sign({ ...claims, jti: 'new' }))).toBe(200)
  })

  test('ends for all tokens that proved it, also those that came before a restart', async () => {
    const own = await startOwnTokens()
    const tokens = [await own.local.sign({ ...claims, jti: '1' }), own.opaque('opaque'), own.opaque('newest')]
    for (const token of tokens) expect(await statusOf(own, token)).toBe(200)
    await own.restart()
    await end(own)
    for (const token of tokens) expect(await statusOf(own, token)).toBe(401)
    await own.restart()
    for (const token of tokens) expect(await statusOf(own, token)).toBe(401)
  })

  test('is not proven by another text of an opaque token that its authority calls by the same name', async () => {
    const own = await startOwnTokens()
    expect(await statusOf(own, own.opaque('b3BhcXVl', { jti: 'opaque-7' }))).toBe(200)
    await end(own)
    await own.restart()
    expect(await statusOf(own, own.opaque('b3BhcXVl=', { jti: 'opaque-7' }))).toBe(401)
    expect(await statusOf(own, own.opaque('b3BhcXVs', { jti: 'opaque-8' }))).toBe(200)
  })

  test('of an imported token is not proven by the same token, of which an authority says that it is good', async () => {
    const own = await startOwnTokens()
    const path = `/v1/integrations/${own.integrationId}/tokens`
    const token = await own.local.sign(claims)
    for (const accessToken of [token, own.opaque('imported')]) {
      await own.operate('POST', path, { tenantId: 29302, accessToken })
    }
    await end(own)
    await own.restart()
    for (const text of [token, otherSignature(token), 'imported']) expect(await statusOf(own, text)).toBe(401)
    // The operator may change their mind: what is imported again counts.
    await own.operate('POST', path, { tenantId: 29302, accessToken: token })
    expect(await statusOf(own, token)).toBe(200)
  })

  test('of an imported token stays ended when the time that the operator gave it has passed', async () => {
    const own = await startOwnTokens()
    const path = `/v1/integrations/${own.integrationId}/tokens`
    const expiresAt = new Date(own.clock.now() + 60_000).toISOString()
    await own.operate('POST', path, { tenantId: 29302, accessToken: own.opaque('imported'), expiresAt })
    await end(own)
    await own.clock.advance(120_000)
    // The next end clears out what has expired.
    await own.operate('POST', path, { tenantId: 29302 })
    await end(own)
    expect(await statusOf(own, 'imported')).toBe(401)
    await own.restart()
    expect(await statusOf(own, 'imported')).toBe(401)
  })

  test.each(['tenants/29302', 'integration'])(
    'by the deletion of %s stays ended when that is made anew',
    async (what) => {
      const own = await startOwnTokens()
      const token = await own.local.sign(claims)
      expect(await statusOf(own, token)).toBe(200)
      if (what === 'integration') {
        await own.operate('DELETE', `/v1/integrations/${own.integrationId}`)
        await own.operate('POST', '/v1/integrations', { name: 'Payroll', clientId: 'payroll' })
      } else {
        await own.operate('DELETE', `/v1/${what}`)
        await own.operate('POST', '/v1/tenants', { id: 29302 })
      }
      await own.restart()
      expect(await statusOf(own, otherSignature(token))).toBe(401)
      expect(await statusOf(own, await own.local.sign({ ...claims, jti: 'new' }))).toBe(200)
    },
  )
})

test('a token in JOSE form that is not spelled as it was issued is asked about nowhere', async () => {
  const own = await startOwnTokens()
  const token = await own.local.sign({ ...claims, iss: 'https://other.example.com/' })
  for (const text of respelled(token)) expect(await statusOf(own, own.opaque(text))).toBe(401)
  expect(own.local.questions).toEqual([])
  expect(await statusOf(own, own.opaque(token))).toBe(200)
})
