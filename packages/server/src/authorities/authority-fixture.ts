import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CompactSign, exportJWK, generateKeyPair, type JWK, type JWTPayload } from 'jose'
import { onTestFinished } from 'vitest'
import { jsonText } from '../core/json-text.ts'

/** A real authority on loopback: it signs tokens, shows its keys, and answers for opaque tokens. */
export interface LocalAuthority {
  readonly issuer: string
  readonly jwksUrl: string
  readonly introspectionUrl: string
  /** Of the introspection: `tidings` and this. */
  readonly clientSecret: string
  /** Opaque tokens and what is said of them; others are inactive. */
  readonly opaque: Map<string, JWTPayload>
  /** How often the keys were fetched, and tokens asked about. */
  readonly keyFetches: number
  readonly questions: readonly string[]
  /** Its connections break off without an answer. */
  isDown: boolean
  /** The answer that it gives instead of its own. */
  instead: { readonly status: number; readonly body: string } | null
  /** The keys that it shows. */
  keys: JWK[]
  /** Signs with a key of its own; `null` in claims leaves one out. */
  sign(claims: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>
  /** The same of claims as JSON text. */
  signText(claims: string): Promise<string>
  /** From now on another key signs, and the old one is shown no more. */
  rotate(): Promise<void>
}

/** It is gone when the test ends. */
export async function startLocalAuthority(clock: { now(): number }, algorithm = 'ES256'): Promise<LocalAuthority> {
  const clientSecret = 'secret of: tidings'
  const questions: string[] = []
  let keyFetches = 0
  let key = await newKey(algorithm, 'key-1')
  const server = createServer((request, response) => {
    if (authority.isDown) {
      request.socket.destroy()
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      const isIntrospection = request.url === '/introspect'
      if (isIntrospection) questions.push(form.get('token') ?? '')
      else keyFetches += 1
      const { status, body } = authority.instead ?? (isIntrospection ? introspect(request.headers, form) : shownKeys())
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  })
  const shownKeys = () => ({ status: 200, body: JSON.stringify({ keys: authority.keys }) })
  const introspect = (headers: { authorization?: string | undefined }, form: URLSearchParams) => {
    const basic = Buffer.from(headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString()
    const [id, secret] = basic.split(':').map((part) => new URLSearchParams(`v=${part}`).get('v'))
    if (id !== 'tidings' || secret !== clientSecret) return { status: 401, body: '{}' }
    const claims = authority.opaque.get(form.get('token') ?? '')
    const isActive = claims && (claims.exp === undefined || claims.exp * 1_000 > clock.now())
    return { status: 200, body: JSON.stringify(isActive ? { active: true, ...claims } : { active: false }) }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signed = (text: string, header: object) =>
    new CompactSign(Buffer.from(text))
      .setProtectedHeader({ alg: algorithm, kid: key.shown.kid!, ...header })
      .sign(key.privateKey)
  const authority: LocalAuthority = {
    issuer: 'https://login.example.com/',
    jwksUrl: `${base}/jwks.json`,
    introspectionUrl: `${base}/introspect`,
    clientSecret,
    opaque: new Map(),
    get keyFetches() {
      return keyFetches
    },
    questions,
    isDown: false,
    instead: null,
    keys: [key.shown],
    sign(claims, header = {}) {
      const seconds = Math.floor(clock.now() / 1_000)
      const all: Record<string, unknown> = {
        iss: authority.issuer,
        aud: 'https://api.example.com',
        iat: seconds,
        exp: seconds + 3_600,
        ...claims,
      }
      for (const name of Object.keys(all)) if (all[name] === null) delete all[name]
      return signed(jsonText(all), header)
    },
    signText: (text) => signed(text, {}),
    async rotate() {
      key = await newKey(algorithm, `key-${Number(key.shown.kid!.slice(4)) + 1}`)
      authority.keys = [key.shown]
    },
  }
  return authority
}

async function newKey(algorithm: string, kid: string) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  return { privateKey, shown: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } satisfies JWK }
}
