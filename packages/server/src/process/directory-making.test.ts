import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDirectory } from './directory-making.ts'

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-directory-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('makes what is missing, for its owner alone, and says what is the uppermost that it made', () => {
  const root = temporary()
  const wanted = join(root, 'a', 'b', 'c')
  expect(makeDirectory(wanted)).toBe(join(root, 'a'))
  expect(statSync(wanted).mode & 0o777).toBe(0o700)
  expect(makeDirectory(wanted)).toBeUndefined()
  expect(makeDirectory(join(wanted, 'd'))).toBe(join(wanted, 'd'))
})

test('refuses where that cannot be, and does not go round for ever', () => {
  const root = temporary()
  writeFileSync(join(root, 'file'), '')
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'))
  for (const path of ['file', 'file/below', 'dangling', 'dangling/below', 'x'.repeat(300)])
    expect(() => makeDirectory(join(root, path)), path).toThrow()
  if (process.platform === 'linux') expect(() => makeDirectory('/proc/tidings/data')).toThrow('ENOENT')
})
