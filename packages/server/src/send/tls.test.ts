import type { TlsOptions } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Authority, type Certificate, createAuthority, daysFromNow, selfSigned } from './fixtures/certificates.ts'
import { answer, loopbackPolicy, post, startReceiver, startTransport } from './fixtures/receiver.ts'
import { isUsableTlsMaterial, TlsContexts } from './tls-contexts.ts'
import type { OutgoingRequest } from './transport.ts'

let authority: Authority
let stranger: Authority
let certificate: Certificate
let client: Certificate

beforeAll(async () => {
  authority = await createAuthority('Tidings test authority')
  stranger = await createAuthority('Another authority')
  certificate = await authority.issue({ names: ['receiver.test', '127.0.0.1'] })
  client = await authority.issue({ names: ['tidings'] })
})

const onRequest = (socket: { write(text: string): void }) => socket.write(answer(200, 'secure'))

/** One attempt to `receiver.test`, which resolves to a receiver with these TLS options. */
async function attempt(
  tls: TlsOptions,
  own: OutgoingRequest['tls'] | null = { ca: authority.cert },
  host = 'receiver.test',
) {
  const receiver = await startReceiver({ tls, onRequest })
  const transport = startTransport({
    policy: loopbackPolicy('127.0.0.0/8', { allowPorts: [receiver.port] }),
    resolver: { resolve: async () => ['127.0.0.1'] },
  })
  const result = await transport.send(post(`https://${host}:${receiver.port}/`, own === null ? {} : { tls: own }))
  expect(transport.activeCount).toBe(0)
  return { result, receiver, transport }
}

describe('certificates of receivers', () => {
  it('trusts the endpoint’s own authority, by name and by address', async () => {
    expect((await attempt(certificate)).result).toMatchObject({ status: 200, error: null, body: 'secure' })
    expect((await attempt(certificate, undefined, '127.0.0.1')).result).toMatchObject({
      status: 200,
      timing: { tlsMs: expect.any(Number) },
    })
  })

  it('trusts an issuing authority without its root, and a certificate itself', async () => {
    const issuing = await authority.issueAuthority('Tidings issuing authority')
    const issued = await issuing.issue({ names: ['receiver.test'] })
    const chain = { ...issued, cert: `${issued.cert}\n${issuing.cert}` }
    expect((await attempt(issued, { ca: issuing.cert })).result).toMatchObject({ status: 200, error: null })
    expect((await attempt(chain, { ca: issuing.cert })).result).toMatchObject({ status: 200, error: null })
    expect((await attempt(chain, { ca: authority.cert })).result).toMatchObject({ status: 200, error: null })
    expect((await attempt(issued, { ca: issued.cert })).result).toMatchObject({ status: 200, error: null })
    const selfMade = await selfSigned({ names: ['receiver.test'] })
    expect((await attempt(selfMade, { ca: selfMade.cert })).result).toMatchObject({ status: 200, error: null })
  })

  it('a trusted certificate is held to its name and its time, and vouches for no other', async () => {
    const issuing = await authority.issueAuthority('Tidings issuing authority')
    const expired = await issuing.issue({
      names: ['receiver.test'],
      notBefore: daysFromNow(-9),
      notAfter: daysFromNow(-1),
    })
    expect((await attempt(expired, { ca: expired.cert })).result).toMatchObject({ error: 'tls_expired' })
    const other = await issuing.issue({ names: ['other.test'] })
    expect((await attempt(other, { ca: other.cert })).result).toMatchObject({ error: 'tls_wrong_host' })
    const issued = await issuing.issue({ names: ['receiver.test'] })
    expect((await attempt(issued, { ca: other.cert })).result).toMatchObject({ error: 'tls_unknown_ca' })
    expect((await attempt(certificate, { ca: issuing.cert })).result).toMatchObject({ error: 'tls_unknown_ca' })
  })

  it.each([
    ['self-signed', 'tls_self_signed', () => selfSigned({ names: ['receiver.test'] })],
    [
      'expired',
      'tls_expired',
      () => authority.issue({ names: ['receiver.test'], notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) }),
    ],
    [
      'not yet valid',
      'tls_not_yet_valid',
      () => authority.issue({ names: ['receiver.test'], notBefore: daysFromNow(1) }),
    ],
    ['for another name', 'tls_wrong_host', () => authority.issue({ names: ['other.test'] })],
    ['of an unknown authority', 'tls_unknown_ca', () => stranger.issue({ names: ['receiver.test'] })],
    [
      'of an unknown authority that is sent along',
      'tls_unknown_ca',
      async () => {
        const issued = await stranger.issue({ names: ['receiver.test'] })
        return { ...issued, cert: `${issued.cert}\n${stranger.cert}` }
      },
    ],
    [
      'signed with SHA-1',
      'tls_weak_certificate',
      async () => ({
        ...(await authority.issue({ names: ['receiver.test'], hash: 'SHA-1' })),
        ciphers: 'DEFAULT@SECLEVEL=0',
      }),
    ],
  ])('R38: %s is %s', async (_case, error, tls: () => Promise<TlsOptions>) => {
    const { result, receiver } = await attempt(await tls())
    expect(result).toMatchObject({ status: null, error })
    expect(receiver.requests).toHaveLength(0)
  })

  it('R38: public roots do not know a private authority, whatever the environment says', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      expect((await attempt(certificate, null)).result).toMatchObject({ status: null, error: 'tls_unknown_ca' })
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
  })

  it('R38: many attempts keep nothing', async () => {
    const { receiver, transport } = await attempt(certificate, null)
    const send = () => transport.send(post(`https://receiver.test:${receiver.port}/`))
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 10 }, send))
    expect([transport.activeCount, transport.idleCount]).toEqual([0, 0])
  })
})

describe('versions and ciphers', () => {
  it.each([
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['anonymous suites', { maxVersion: 'TLSv1.2', ciphers: 'aNULL@SECLEVEL=0' }],
    ['suites without encryption', { maxVersion: 'TLSv1.2', ciphers: 'eNULL@SECLEVEL=0' }],
  ] as const)('R39: %s only', async (_case, options) => {
    expect((await attempt({ ...certificate, ...options })).result).toMatchObject({ status: null, error: 'tls_version' })
  })

  it('takes TLS 1.2', async () => {
    expect((await attempt({ ...certificate, maxVersion: 'TLSv1.2' })).result).toMatchObject({ status: 200 })
  })

  it('R42: HTTP/2 only', async () => {
    const { result } = await attempt({ ...certificate, ALPNProtocols: ['h2'] })
    expect(result).toMatchObject({ status: null, error: 'tls_no_http1' })
  })

  it('a receiver that speaks plain HTTP', async () => {
    const receiver = await startReceiver({ onConnection: (socket) => socket.write(answer(400, 'plain')) })
    const result = await startTransport().send(post(`https://127.0.0.1:${receiver.port}/`))
    expect(result).toMatchObject({ status: null, error: 'tls_handshake' })
  })

  it('a receiver that hangs up in the handshake', async () => {
    const receiver = await startReceiver({ onConnection: (socket) => socket.once('data', () => socket.end()) })
    const result = await startTransport().send(post(`https://127.0.0.1:${receiver.port}/`))
    expect(result).toMatchObject({ status: null, error: 'connection_closed' })
  })
})

describe('client certificates', () => {
  const asking = (maxVersion: 'TLSv1.2' | 'TLSv1.3'): TlsOptions => ({
    ...certificate,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion,
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('R41: one is asked for and none is set up (%s)', async (version) => {
    const { result, receiver } = await attempt(asking(version))
    expect(result).toMatchObject({ status: null, error: 'tls_client_cert_required' })
    expect(receiver.requests).toHaveLength(0)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('R41: one is set up (%s)', async (version) => {
    const own = { ca: authority.cert, certificate: client.cert, key: client.key }
    expect((await attempt(asking(version), own)).result).toMatchObject({ status: 200 })
  })

  it('keeps connections with different certificates apart', async () => {
    const own = { ca: authority.cert, certificate: client.cert, key: client.key }
    const { receiver, transport } = await attempt({
      ...certificate,
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: false,
    })
    const url = `https://receiver.test:${receiver.port}/`
    await transport.send(post(url, { tls: own }))
    await transport.send(post(url, { tls: { ...own } }))
    expect(receiver.sockets).toHaveLength(2)
    expect(transport.idleCount).toBe(2)
  })

  it('material that cannot be read fails the attempt alone', async () => {
    const { result } = await attempt(certificate, { certificate: 'x', key: client.key })
    expect(result).toMatchObject({ status: null, error: 'tls_bad_material' })
    expect(JSON.stringify(result)).not.toContain('PRIVATE')
  })

  it('material is checked before it is stored', () => {
    expect(isUsableTlsMaterial({ certificate: client.cert, key: client.key, ca: authority.cert })).toBe(true)
    expect(isUsableTlsMaterial({ ca: authority.cert })).toBe(true)
    expect(isUsableTlsMaterial({ certificate: client.cert })).toBe(false)
    expect(isUsableTlsMaterial({ certificate: client.cert, key: certificate.key })).toBe(false)
    expect(isUsableTlsMaterial({ ca: 'no PEM' })).toBe(false)
  })

  it('contexts are made once per material and bounded', () => {
    const contexts = new TlsContexts(2)
    const first = contexts.identityOf({ ca: authority.cert })
    expect(contexts.identityOf({ ca: authority.cert })).toBe(first)
    contexts.identityOf({ ca: stranger.cert })
    contexts.identityOf({ ca: `${authority.cert}\n${stranger.cert}` })
    expect(contexts.identityOf({ ca: authority.cert })).not.toBe(first)
    expect(contexts.identityOf(undefined)).toBe(contexts.identityOf(undefined))
  })
})
