import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopbackName } from '../core/address/loopback-name.ts'
import { idleMs } from '../core/credential/session-pass.ts'

/**
 * Cookies that hold a session's pass. `__Host-` binds one to this host, to https and to the whole site (RFC 6265bis
 * §4.1.3), so no other host of the domain can set it. Browsers take such a cookie over https alone; on this machine
 * itself, where a first try has no certificate, names without the prefix stand in.
 */
const names = {
  own: { secure: '__Host-tidings', loopback: 'tidings' },
  /** Of a portal in a frame of another site, to which browsers send no strict cookie. */
  framed: { secure: '__Host-tidings-portal', loopback: 'tidings-portal' },
} as const

export type CookieUse = keyof typeof names
export type CookieName = (typeof names)[CookieUse]['secure' | 'loopback']

/** The pass that a request brings. A portal's goes first: it may less. */
export function passIn(request: FastifyRequest): { readonly name: CookieName; readonly sealed: string } | undefined {
  const { cookie } = request.headers
  if (cookie === undefined) return undefined
  const variants = isPlainLoopback(request) ? (['secure', 'loopback'] as const) : (['secure'] as const)
  for (const use of ['framed', 'own'] as const) {
    for (const variant of variants) {
      const name = names[use][variant]
      const sealed = cookieIn(cookie, name)
      if (sealed !== undefined) return { name, sealed }
    }
  }
  return undefined
}

/** Leaves one session with the browser: the one in the other cookie ends there. */
export function setPass(request: FastifyRequest, reply: FastifyReply, use: CookieUse, sealed: string): void {
  const variant = isPlainLoopback(request) ? 'loopback' : 'secure'
  clearPass(reply, names[use === 'own' ? 'framed' : 'own'][variant])
  writePass(reply, names[use][variant], sealed)
}

/** @param name of the cookie that the pass came in */
export function writePass(reply: FastifyReply, name: CookieName, sealed: string): void {
  reply.header('set-cookie', `${name}=${sealed}; ${attributesOf(name)}; Max-Age=${idleMs / 1_000}`)
}

export function clearPass(reply: FastifyReply, name: CookieName): void {
  reply.header('set-cookie', `${name}=; ${attributesOf(name)}; Max-Age=0`)
}

function attributesOf(name: CookieName): string {
  if (name.endsWith('-portal')) return 'Path=/; HttpOnly; SameSite=None; Secure; Partitioned'
  return `Path=/; HttpOnly; SameSite=Strict${name.startsWith('__Host-') ? '; Secure' : ''}`
}

/** By the host's name and not by its address: a proxy on this machine serves the world. */
function isPlainLoopback(request: FastifyRequest): boolean {
  const scheme = request.headers.origin ?? request.protocol
  return !scheme.startsWith('https') && isLoopbackName(request.hostname)
}

function cookieIn(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at >= 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}
