import { describe, expect, test } from 'vitest'
import { checkAppearance, logoOrigin, overlaid, plainAppearance } from './appearance.ts'

const image = `data:image/png;base64,${Buffer.from('image').toString('base64')}`
const whole = { name: 'Bygg & Bo', logo: image, colors: { accent: '#1a7f5a', onAccent: '#FFF' } }

test('what is given is kept, and what is not is left to the pages', () => {
  expect(checkAppearance(whole, false)).toEqual({ appearance: whole, faults: [] })
  expect(checkAppearance({}, false)).toEqual({ appearance: plainAppearance, faults: [] })
})

describe('refused', () => {
  test.each<[string, unknown, string]>([
    ['a list', [], ''],
    ['what is not known', { css: 'a' }, '/css'],
    ['an empty name', { name: '' }, '/name'],
    ['a long name', { name: 'a'.repeat(81) }, '/name'],
    ['a name of two lines', { name: 'a\nb' }, '/name'],
    ['a name that turns what follows around', { name: 'a\u202eb' }, '/name'],
    ['a logo over http', { logo: 'http://example.com/logo.png' }, '/logo'],
    ['a logo with credentials', { logo: 'https://a:b@example.com/logo.png' }, '/logo'],
    ['a logo that is a page', { logo: 'data:text/html;base64,PGI+' }, '/logo'],
    ['a logo that is not base64', { logo: 'data:image/svg+xml,<svg onload=alert(1)>' }, '/logo'],
    ['a script', { logo: 'javascript:alert(1)' }, '/logo'],
    ['a large logo', { logo: `data:image/png;base64,${'A'.repeat(64 * 1_024)}` }, '/logo'],
    ['a colour by name', { colors: { accent: 'red' } }, '/colors/accent'],
    ['a colour that ends the style', { colors: { accent: '#fff;}body{display:none' } }, '/colors/accent'],
    ['a colour behind a line', { colors: { accent: '#fff\n' } }, '/colors/accent'],
    ['an unknown colour', { colors: { border: '#fff' } }, '/colors/border'],
    ['colours as a list', { colors: ['#fff'] }, '/colors'],
  ])('%s', (_, given, pointer) => {
    const { appearance, faults } = checkAppearance(given, true)
    expect(faults.map((fault) => fault.pointer)).toEqual([pointer])
    expect(appearance).toEqual(plainAppearance)
  })

  test('a logo of another server, where the page may not load it', () => {
    const given = { logo: 'https://example.com/logo.png' }
    expect(checkAppearance(given, true).appearance.logo).toBe(given.logo)
    expect(checkAppearance(given, false).faults).toHaveLength(1)
  })
})

test('a link goes before the configuration, part by part', () => {
  const over = { name: null, logo: null, colors: { accent: '#000' } }
  expect(overlaid(whole, over)).toEqual({ ...whole, colors: { accent: '#000', onAccent: '#FFF' } })
  expect(overlaid(whole, null)).toBe(whole)
})

test('the origin of a logo is named, where it is loaded', () => {
  expect(logoOrigin(whole)).toBeNull()
  expect(logoOrigin({ ...whole, logo: 'https://cdn.example.com:8443/a/logo.png' })).toBe('https://cdn.example.com:8443')
})
