import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { obstacle, Volume } from './volume.ts'

const isRun = obstacle() === undefined || process.env.CI === 'true'

test.runIf(isRun)(
  'what was synced can be read after a power cut, though somebody still holds the old mount',
  async () => {
    const volume = new Volume()
    // A process with mounts of its own has a copy of every mount of its beginning, as a container's has.
    const holder = spawn('unshare', ['--mount', 'sh', '-c', 'echo holds; read -r _'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(holder, 'exit')
    try {
      await once(holder.stdout, 'data')
      const file = join(volume.path, 'master.key')
      writeFileSync(file, 'a key')
      for (const path of [file, volume.path]) sync(path)
      volume.cutPower()
      volume.restorePower()
      expect(readFileSync(file, 'utf8')).toBe('a key')
    } finally {
      holder.stdin.end()
      await ended
      volume.remove()
    }
  },
)

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
