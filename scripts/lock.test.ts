import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { completed, type Lock, missingPlatforms } from './lock.ts'

const lock: Lock = {
  packages: {
    '': {},
    'node_modules/cli': {
      version: '2.0.0',
      dev: true,
      optionalDependencies: { 'cli-linux-x64': '2.0.0', 'cli-darwin-arm64': '2.0.0', fsevents: '~2.3.3' },
    },
    'node_modules/cli-linux-x64': { version: '2.0.0', dev: true, optional: true, os: ['linux'], cpu: ['x64'] },
  },
}

test('platforms that the lock lacks', () => {
  expect(missingPlatforms(lock)).toEqual({
    'node_modules/cli-darwin-arm64': { version: '2.0.0', dev: true, optional: true, os: ['darwin'], cpu: ['arm64'] },
  })
})

test('a completed lock lacks none and loses nothing', () => {
  const whole = completed(lock)
  expect(missingPlatforms(whole)).toEqual({})
  expect(whole.packages).toMatchObject(lock.packages)
})

test("the project's lock is whole; `node scripts/complete-lock.ts` mends it", () => {
  const path = new URL('../package-lock.json', import.meta.url)
  expect(missingPlatforms(JSON.parse(readFileSync(path, 'utf8')) as Lock)).toEqual({})
})
