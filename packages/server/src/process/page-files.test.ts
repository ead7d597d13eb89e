import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { pagesIn } from './page-files.ts'

test('files are named by their path in the build', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidings pages å-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  mkdirSync(join(directory, 'assets'))
  writeFileSync(join(directory, 'index.html'), 'page')
  writeFileSync(join(directory, 'assets', 'index-B2x.js'), 'script')
  const files = pagesIn(pathToFileURL(`${directory}/`))
  expect([...files.names].sort()).toEqual(['assets/index-B2x.js', 'index.html'])
  expect(files.read('assets/index-B2x.js').toString()).toBe('script')
})

test('without a build there are none', () => {
  expect(pagesIn(pathToFileURL(join(tmpdir(), 'tidings-no-such-build/'))).names.size).toBe(0)
})
