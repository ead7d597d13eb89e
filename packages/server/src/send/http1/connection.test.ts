import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('an idle connection keeps nothing of the request that opened it', () => {
  const program = fileURLToPath(new URL('../fixtures/idle-connections.ts', import.meta.url))
  const [idle, mebibytes] = execFileSync(process.execPath, ['--expose-gc', program], { encoding: 'utf8' }).split(' ')
  expect(Number(idle)).toBe(20)
  expect(Number(mebibytes)).toBeLessThan(5)
})
