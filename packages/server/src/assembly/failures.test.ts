import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const script = new URL('./fixtures/fenced-process.ts', import.meta.url).pathname

async function run(kind: string) {
  const child = spawn(process.execPath, [script, kind], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { said, status }
}

test('a process whose node was fenced ends at once, and says why', async () => {
  const { said, status } = await run('fenced')
  expect(status).toBe(1)
  expect(said).toContain('"level":60')
  expect(said).toContain('Another node has taken over the work of this one')
})

test('any other unit of work that fails ends nothing', async () => {
  const { said, status } = await run('other')
  expect(status).toBe(0)
  expect(said).toContain('"level":50')
  expect(said).toContain('a unit of work failed')
})
