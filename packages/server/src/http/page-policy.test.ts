import { describe, expect, test } from 'vitest'
import { plainAppearance } from '../core/appearance/appearance.ts'
import { policyOf } from './page-policy.ts'

/** The sources of each directive. */
function directivesOf(path: string, ancestors: readonly string[] = [], logo: string | null = null) {
  const policy = policyOf(path, ancestors, { ...plainAppearance, logo })
  return Object.fromEntries(
    policy.split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ')
      return [name, sources.join(' ')]
    }),
  )
}

test('a page runs scripts of this server alone, and none that stand within it', () => {
  const policy = directivesOf('/ui/')
  expect(policy).toMatchObject({ 'default-src': "'none'", 'script-src': "'self'", 'connect-src': "'self'" })
  expect([policy['base-uri'], policy['form-action']]).toEqual(["'none'", "'none'"])
})

test.each([
  [null, "'self' data:"],
  ['data:image/png;base64,AAAA', "'self' data:"],
  ['https://cdn.example.com/logo.png?x=1', "'self' data: https://cdn.example.com"],
])('with the logo %s it loads images from %s', (logo, sources) => {
  expect(directivesOf('/ui/', [], logo)['img-src']).toBe(sources)
})

describe('in a frame of the application', () => {
  const app = ['https://app.example.com', 'https://test.example.com']

  test.each(['/ui/portal', '/ui/portal/', '/ui/portal/subscriptions'])('the portal may stand: %s', (path) => {
    expect(directivesOf(path, app)['frame-ancestors']).toBe(app.join(' '))
    expect(directivesOf(path)['frame-ancestors']).toBe("'none'")
  })

  test.each(['/ui/', '/ui/portals', '/ui/admin/ui/portal/', '/portal/'])('nothing else may: %s', (path) => {
    expect(directivesOf(path, app)['frame-ancestors']).toBe("'none'")
  })
})
