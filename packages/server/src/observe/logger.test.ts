import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

const module = new URL('./logger.ts', import.meta.url).href

/** A process that logs, with its standard error. */
function running(code: string, level = 'info') {
  const source = `import { createLogger } from '${module}'; const log = createLogger('${level}'); ${code}`
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source]
  return spawn(process.execPath, flags, { stdio: ['pipe', 'pipe', 'pipe'] })
}

async function linesOf(code: string, level?: string): Promise<Record<string, unknown>[]> {
  const child = running(code, level)
  let text = ''
  child.stdin.end()
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const [exitCode] = await once(child, 'close')
  expect(exitCode, text).toBe(0)
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

test('a unit of work is one line of JSON on standard error, with its time, and without the machine’s name', async () => {
  const [line, ...others] = await linesOf("log.info({ events: 3 }, 'published'); log.debug('not told')")
  expect(others).toEqual([])
  expect(line).toEqual({ level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/), events: 3, msg: 'published' })
})

test('a silent one tells nothing', async () => {
  expect(await linesOf("log.fatal('nothing')", 'silent')).toEqual([])
})

test('a process whose standard error cannot be written any more goes on, and ends', async () => {
  const child = running(`
    const { closeSync } = await import('node:fs')
    closeSync(2)
    for (let count = 0; count < 200; count++) log.info({ text: 'x'.repeat(1_000) }, 'told')
    setImmediate(() => {
      log.info('told later')
      process.stdout.write('done')
    })
  `)
  child.stdin.end()
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  const [exitCode, signal] = await once(child, 'close')
  expect([said, exitCode, signal]).toEqual(['done', 0, null])
})

test('lines are gathered, and all of them are there when the process ends', async () => {
  const lines = await linesOf("for (let line = 0; line < 1_000; line += 1) log.info({ line }, 'request')")
  expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
})

test('a hundred lines of one moment are a few writes', async () => {
  const lines = await linesOf(`
    import fs from 'node:fs'
    const write = fs.write
    let writes = 0
    fs.write = (...given) => { writes += 1; return write(...given) }
    for (let line = 0; line < 100; line += 1) log.info('request')
    setTimeout(() => console.error(JSON.stringify({ writes })), 300)
  `)
  expect(lines.at(-1)?.writes).toBeLessThan(10)
})

test('a warning is written at once, after what was gathered before it', async () => {
  const child = running(
    "log.info('first'); log.warn('second'); setImmediate(() => process.kill(process.pid, 'SIGKILL'))",
  )
  child.stdin.end()
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  await once(child, 'close')
  const lines = text.split('\n').filter(Boolean)
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['first', 'second'])
})
