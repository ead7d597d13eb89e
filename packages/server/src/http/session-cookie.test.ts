import type { FastifyReply, FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import { idleMs } from '../core/credential/session-pass.ts'
import { type CookieUse, clearPass, passIn, setPass } from './session-cookie.ts'

const requestOf = (rest: { cookie?: string; origin?: string; host?: string; protocol?: string }) => {
  const { cookie, origin, host = 'tidings.example.com', protocol = 'https' } = rest
  const headers = { ...(cookie && { cookie }), ...(origin && { origin }) }
  return { headers, hostname: host, protocol } as unknown as FastifyRequest
}
const local = { host: 'localhost', protocol: 'http' }

describe('the pass that a request brings', () => {
  test.each<[string, Parameters<typeof requestOf>[0], string | undefined]>([
    ['no cookie', {}, undefined],
    ['cookies of others', { cookie: 'a=b; __Host-tidings2=x; x__Host-tidings=y' }, undefined],
    ['among others', { cookie: 'a=b;  __Host-tidings = pass=1 ; c=d' }, 'pass=1'],
    ['a portal’s goes first', { cookie: '__Host-tidings=own; __Host-tidings-portal=portal' }, 'portal'],
    ['without the prefix, which any host of the domain could set', { cookie: 'tidings=x' }, undefined],
    ['without the prefix, on this machine', { ...local, cookie: 'tidings=x' }, 'x'],
    ['with the prefix, on this machine', { ...local, cookie: 'tidings=x; __Host-tidings=y' }, 'y'],
    ['over https on this machine', { host: 'localhost', cookie: 'tidings=x' }, undefined],
    [
      'behind a proxy on this machine',
      { host: 'tidings.example.com', protocol: 'http', cookie: 'tidings=x' },
      undefined,
    ],
    [
      'a page over https says more than the connection',
      { ...local, origin: 'https://localhost', cookie: 'tidings=x' },
      undefined,
    ],
  ])('%s', (_, given, sealed) => {
    expect(passIn(requestOf(given))?.sealed).toBe(sealed)
  })
})

/** The `Set-Cookie` lines of an answer. */
function cookiesOf(write: (reply: FastifyReply) => void): string[] {
  const lines: string[] = []
  const reply = { header: (name: string, value: string) => (name === 'set-cookie' ? lines.push(value) : 0) }
  write(reply as unknown as FastifyReply)
  return lines
}
const set = (use: CookieUse, given: Parameters<typeof requestOf>[0] = {}) =>
  cookiesOf((reply) => setPass(requestOf(given), reply, use, 'pass'))

test('a session is for this host, this site and no script, for as long as it may be idle', () => {
  const [ended, made] = set('own')
  expect(made).toBe(`__Host-tidings=pass; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=${idleMs / 1_000}`)
  expect(ended).toMatch(/^__Host-tidings-portal=;.*Max-Age=0$/)
})

test('one in a frame of another site is sent there, and kept apart for that site', () => {
  const [ended, made] = set('framed')
  expect(made).toMatch(/^__Host-tidings-portal=pass; Path=\/; HttpOnly; SameSite=None; Secure; Partitioned; /)
  expect(ended).toMatch(/^__Host-tidings=;.*Max-Age=0$/)
})

test('on this machine, over http, it has no prefix, which browsers would not take', () => {
  expect(set('own', local)[1]).toMatch(/^tidings=pass; Path=\/; HttpOnly; SameSite=Strict; Max-Age=/)
})

test('what is cleared ends at once, under the same attributes', () => {
  expect(cookiesOf((reply) => clearPass(reply, '__Host-tidings'))).toEqual([
    '__Host-tidings=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0',
  ])
})
