import { describe, expect, it } from 'vitest'
import { strictPolicy } from '../../core/address/endpoint-policy.ts'
import { loopbackPolicy } from '../fixtures/receiver.ts'
import { createGuard } from './guard.ts'
import type { Resolver } from './resolver.ts'

/** Answers in turn, the last one for ever. */
function resolving(...answers: readonly (readonly string[] | Error)[]): Resolver {
  let asked = 0
  return {
    async resolve() {
      const given = answers[Math.min(asked++, answers.length - 1)]!
      if (given instanceof Error) throw given
      return given
    },
  }
}

const forbidden = { ok: false, error: 'address_forbidden' }
const failed = { ok: false, error: 'dns_failed' }
const publicAddress = '93.184.216.34'

describe('names that lead to forbidden addresses', () => {
  it.each([
    ['S146 private', ['10.0.0.5']],
    ['S150 one public, one private in another family', [publicAddress, '::ffff:10.0.0.1']],
    ['S150 the private one last', ['2606:4700:4700::1111', publicAddress, 'fd00::1']],
    ['S153 what metadata.google.internal is', ['169.254.169.254']],
    ['S154 what localhost is', ['127.0.0.1', '::1']],
    ['a zone id', ['fe80::1%eth0']],
    ['not an address', ['localhost']],
  ])('%s', async (_case, addresses) => {
    const guard = createGuard(strictPolicy, resolving(addresses))
    expect(await guard.admit('a.test', 443)).toEqual(forbidden)
  })

  it('S151: looks up and checks anew for every connection', async () => {
    const guard = createGuard(strictPolicy, resolving([publicAddress], ['169.254.169.254']))
    expect(await guard.admit('rebind.test', 443)).toEqual({ ok: true, addresses: [publicAddress] })
    expect(await guard.admit('rebind.test', 443)).toEqual(forbidden)
  })

  it.each([
    ['S155 a chain or loop of CNAMEs', new Error('too many aliases')],
    ['S158 SERVFAIL', Object.assign(new Error('queryA ESERVFAIL'), { code: 'ESERVFAIL' })],
    ['NXDOMAIN', Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' })],
    ['S160 no records', []],
    ['10,000 records', Array.from({ length: 10_000 }, () => publicAddress)],
  ])('%s', async (_case, answer) => {
    const guard = createGuard(strictPolicy, resolving(answer))
    expect(await guard.admit('a.test', 443)).toEqual(failed)
  })
})

describe('createGuard', () => {
  const nothing = resolving(new Error('not to be asked'))

  it('reads literals without a lookup', async () => {
    const guard = createGuard(strictPolicy, nothing)
    expect(await guard.admit(publicAddress, 443)).toEqual({ ok: true, addresses: [publicAddress] })
    expect(await guard.admit('[2606:4700:4700::1111]', 8443)).toMatchObject({ ok: true })
    expect(await guard.admit('127.0.0.1', 443)).toEqual(forbidden)
    expect(await guard.admit('[::1]', 443)).toEqual(forbidden)
    expect(await guard.admit(publicAddress, 22)).toEqual(forbidden)
  })

  it('takes localhost as the loopback families that are open', async () => {
    expect(await createGuard(strictPolicy, nothing).admit('localhost', 443)).toEqual(forbidden)
    const v4 = createGuard(loopbackPolicy('127.0.0.0/8'), nothing)
    expect(await v4.admit('localhost', 9000)).toEqual({ ok: true, addresses: ['127.0.0.1'] })
    const both = createGuard(loopbackPolicy('127.0.0.1,[::1]:9000'), nothing)
    expect(await both.admit('localhost', 9000)).toEqual({ ok: true, addresses: ['127.0.0.1', '::1'] })
  })

  it('S171: knows the listeners that opened after it was made', async () => {
    const ownListeners: { address: string; port: number }[] = []
    const guard = createGuard(loopbackPolicy('127.0.0.0/8', { ownListeners }), resolving(['127.0.0.1']))
    expect(await guard.admit('a.test', 8080)).toMatchObject({ ok: true })
    ownListeners.push({ address: '::', port: 8080 }, { address: '0.0.0.0', port: 8080 })
    expect(await guard.admit('a.test', 8080)).toEqual(forbidden)
    expect(await guard.admit('a.test', 8081)).toMatchObject({ ok: true })
  })
})
