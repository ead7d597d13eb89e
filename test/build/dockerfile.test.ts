import { readFileSync } from 'node:fs'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'

const dockerfile = readFileSync(new URL('../../packaging/Dockerfile', import.meta.url), 'utf8')

test('the linter finds nothing in the Dockerfile', () => {
  expect(validate(dockerfile)).toEqual([])
})

test('the linter would find a mistake', () => {
  expect(validate(`${dockerfile}\nEXPOSE none\n`)).not.toEqual([])
})

test('the image runs as nobody special, and is asked for its health by the executable itself', () => {
  expect(dockerfile).toMatch(/^USER \d{4,}:\d{4,}$/m)
  expect(dockerfile).toMatch(/^HEALTHCHECK .* CMD \["tidings", "doctor",/m)
  expect(dockerfile).toMatch(/^ENTRYPOINT \["tidings"\]$/m)
})
