import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admitsAddress, type EndpointPolicy, parseAllowNetworks, strictPolicy } from './endpoint-policy.ts'
import { checkEndpointUrl } from './endpoint-url.ts'
import cases from './fixtures/endpoint-urls.json' with { type: 'json' }

/** Plain http allowed, so that a case is refused for what it shows and not for its scheme. */
const lenient: EndpointPolicy = { ...strictPolicy, allowHttp: true }

function allowing(networks: string): EndpointPolicy {
  const parsed = parseAllowNetworks(networks)
  if (!parsed.ok) throw new Error(parsed.errors.join())
  return { ...lenient, allowNetworks: parsed.networks }
}

describe('hostile URLs', () => {
  it.each(cases.filter((one) => one.refused !== null))(
    '$id is refused when saved: $input',
    ({ id, input, refused }) => {
      expect(checkEndpointUrl(input, strictPolicy)).toEqual({ ok: false })
      expect(checkEndpointUrl(input, strictPolicy, { allowUserinfo: true })).toEqual({ ok: false })
      expect(checkEndpointUrl(input, lenient)).toEqual({ ok: false })
      // S017 and its like: even a URL parser that repairs the spelling leads to no address that may be dialled.
      if (refused !== 'when saved and when dialled') return
      const url = URL.parse(input)
      expect([id, url && admitsAddress(url.hostname.replace(/^\[|\]$/g, ''), 443, lenient)]).toEqual([id, false])
    },
  )

  it.each(cases.filter((one) => one.refused === null))('$id works: $input', ({ input }) => {
    expect(checkEndpointUrl(input, strictPolicy)).toEqual({ ok: true, url: input, credentials: null })
  })

  it('S132: plain http only where the operator allows it', () => {
    expect(checkEndpointUrl('http://example.com/hook', strictPolicy).ok).toBe(false)
    expect(checkEndpointUrl('http://example.com/hook', lenient).ok).toBe(true)
  })

  it('S145: over 2,048 characters', () => {
    const url = (length: number) => `https://example.com/${'a'.repeat(length - 20)}`
    expect(checkEndpointUrl(url(2048), strictPolicy).ok).toBe(true)
    expect(checkEndpointUrl(url(2049), strictPolicy).ok).toBe(false)
    // Short as written, long once percent-encoded.
    expect(checkEndpointUrl(`https://example.com/${'ä'.repeat(1000)}`, strictPolicy).ok).toBe(false)
  })

  it('S171: not the name under which this server is published', () => {
    const policy = { ...strictPolicy, ownNames: ['tidings.example.com'] }
    expect(checkEndpointUrl('https://tidings.example.com/v1/events', policy).ok).toBe(false)
    expect(checkEndpointUrl('https://TIDINGS.example.com/', policy).ok).toBe(false)
    expect(checkEndpointUrl('https://www.example.com/', policy).ok).toBe(true)
  })

  it('S190: a listed network, on the listed port', () => {
    expect(checkEndpointUrl('https://10.1.2.3/', allowing('10.1.0.0/16:443')).ok).toBe(true)
    expect(checkEndpointUrl('https://10.1.2.3/', allowing('10.1.0.0/16:9000')).ok).toBe(false)
    expect(checkEndpointUrl('http://169.254.1.1/', allowing('0.0.0.0/0')).ok).toBe(false)
  })
})

describe('checkEndpointUrl', () => {
  it.each([
    ['https://EXAMPLE.com/Hook', 'https://example.com/Hook'],
    ['https://example.com', 'https://example.com/'],
    ['https://example.com?x=1', 'https://example.com/?x=1'],
    ['https://example.com:8443?x=/a', 'https://example.com:8443/?x=/a'],
    ['https://example.com:443/a?b=c@d', 'https://example.com/a?b=c@d'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['https://my_hooks.example.com/%00', 'https://my_hooks.example.com/%00'],
    ['https://a.example/x/../y', 'https://a.example/y'],
    ['https://[2606:4700:4700:0:0:0:0:1111]:8443/', 'https://[2606:4700:4700::1111]:8443/'],
  ])('%s is stored as %s', (raw, url) => {
    expect(checkEndpointUrl(raw, strictPolicy)).toEqual({ ok: true, url, credentials: null })
  })

  it.each([
    'https://example.com?@127.0.0.1/',
    'https://example.com/#@127.0.0.1/',
    'https://example.com\\@127.0.0.1/',
    'https:\\\\example.com/',
    'https:/example.com/',
    'https:////example.com/',
    'https://example.com:/',
    'https://example.com:00443x/',
    'https://example.com./',
    'https://1572395042/',
    'https://0x5db8d822/',
    'https://exa\u200bmple.com/',
    'https://example.com/\u202e',
    'https://９３.184.216.34/',
    'https://example。com/',
    'https://-a.example.com/',
    `https://${'a'.repeat(64)}.example.com/`,
    `https://${'a.'.repeat(130)}example.com/`,
    'https://xn--a.example/',
    'https://service.default.svc.cluster.local/',
    'https://metadata.google.internal/',
    'https://1.168.192.in-addr.arpa/',
    'https://example.com/ ',
    ' https://example.com/',
    'https://[::ffff:93.184.216.34]/',
    'https://[fe80::1%25eth0]/',
  ])('refuses %j', (raw) => expect(checkEndpointUrl(raw, lenient)).toEqual({ ok: false }))

  it('opens an unusual port to names only where the operator listed it', () => {
    expect(checkEndpointUrl('https://erp.example.com:9000/', allowing('10.0.0.0/8')).ok).toBe(false)
    expect(checkEndpointUrl('https://erp.example.com:9000/', allowing('10.1.2.3:9000')).ok).toBe(true)
    expect(checkEndpointUrl('https://erp.example.com:9000/', { ...strictPolicy, allowPorts: [9000] }).ok).toBe(true)
  })

  it('takes localhost where loopback is open, and no other internal name', () => {
    const policy = allowing('127.0.0.0/8')
    expect(checkEndpointUrl('http://localhost:9000/hook', policy).ok).toBe(true)
    expect(checkEndpointUrl('http://localhost:9000/hook', allowing('127.0.0.1:9001')).ok).toBe(false)
    expect(checkEndpointUrl('http://localhost:9000/hook', allowing('[::1]:9000')).ok).toBe(true)
    for (const name of ['foo.localhost', 'localhost.', 'lo\u00adcalhost', 'db', 'printer.local', '127.1']) {
      expect([name, checkEndpointUrl(`http://${name}:8080/`, policy).ok]).toEqual([name, false])
    }
  })

  it('splits userinfo off where a dialect sends it as Basic auth', () => {
    const check = (raw: string) => checkEndpointUrl(raw, strictPolicy, { allowUserinfo: true })
    expect(check('https://us%40er:p%3Aa%3As@example.com/hook')).toEqual({
      ok: true,
      url: 'https://example.com/hook',
      credentials: { username: 'us@er', password: 'p:a:s' },
    })
    expect(check('https://example.com/hook')).toMatchObject({ ok: true, credentials: null })
    for (const userinfo of ['user', 'user:', 'me%40example.com']) {
      const username = decodeURIComponent(userinfo).replace(':', '')
      expect(check(`https://${userinfo}@example.com/`)).toMatchObject({ credentials: { username, password: '' } })
    }
    for (const userinfo of [
      ':pass',
      '',
      'a:%zz',
      'a:b@c',
      '93.184.216.34',
      'example.org',
      '127.0.0.1%2f',
      'a%3Ab',
      'a%3Ab:c',
    ]) {
      expect([userinfo, check(`https://${userinfo}@example.com/`).ok]).toEqual([userinfo, false])
    }
    expect(checkEndpointUrl('https://user:pass@example.com/', strictPolicy).ok).toBe(false)
  })

  it('gives a URL that passes again and never carries userinfo or a fragment', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (raw) => {
        const checked = checkEndpointUrl(raw, lenient, { allowUserinfo: true })
        if (!checked.ok) return
        expect(checkEndpointUrl(checked.url, lenient)).toEqual({ ok: true, url: checked.url, credentials: null })
      }),
    )
  })
})
