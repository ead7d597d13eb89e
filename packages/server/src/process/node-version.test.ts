import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { nodeRefusal } from './node-version.ts'

const oneLine = /^Tidings needs Node 24 or newer, and .*\. Install Node 24 .*\.\n$/

test.each(['18.20.8', '20.19.5', '22.21.1', '23.11.1'])('Node %s is told which Node is needed', (version) => {
  expect(`${nodeRefusal(version)}\n`).toMatch(oneLine)
  expect(nodeRefusal(version)).toContain(`Node ${version}`)
})

test.each(['24.0.0', '24.21.0', '26.1.0', '100.0.0'])('Node %s is taken', (version) => {
  expect(nodeRefusal(version)).toBeNull()
})

/** The package as it is installed, without a Node of its own, and a search path with nothing but what is given. */
function installed(nodeVersion: string | null) {
  const root = mkdtempSync(join(tmpdir(), 'tidings-node-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const bin = fileURLToPath(new URL('../../bin', import.meta.url))
  cpSync(bin, join(root, 'package', 'bin'), { recursive: true })
  const path = join(root, 'path')
  mkdirSync(path)
  for (const tool of ['readlink', 'dirname']) {
    writeFileSync(join(path, tool), `#!/bin/sh\nPATH=/usr/bin:/bin exec ${tool} "$@"\n`, { mode: 0o755 })
  }
  if (nodeVersion !== null) {
    // As every Node does: it says its version, and refuses options that it does not know with code 9.
    const script = `#!/bin/sh\n[ "$1" = --version ] && echo v${nodeVersion} && exit 0\necho "node: bad option: $1" >&2\nexit 9\n`
    writeFileSync(join(path, 'node'), script)
    chmodSync(join(path, 'node'), 0o755)
  }
  return spawnSync(join(root, 'package', 'bin', 'tidings'), ['start'], { env: { PATH: path }, encoding: 'utf8' })
}

test.each([['20.11.1'], ['22.21.1'], [null]])('the program says it before Node %s says anything else', (version) => {
  const { status, stdout, stderr } = installed(version)
  expect(stderr).toMatch(oneLine)
  expect(stderr).toContain(version === null ? 'none was found' : `this is Node ${version}`)
  expect([status, stdout]).toEqual([2, ''])
})
