import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const node = join(root, 'node_modules', '.bin')

/** The shell commands of one section, block by block. */
function blocksOf(readme: string, heading: string): string[] {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]!)
}

/** The flags of `tidings start`, as it would read them. */
function flagsOf(command: string): Record<string, string> {
  const flags = [...command.matchAll(/--([a-z-]+) (\S+)/g)].map(([, name, value]) => [
    name!.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value!,
  ])
  return Object.fromEntries(flags)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('the tour of the README does what it says', async () => {
  const [start = '', ...commands] = blocksOf(await readFile(join(root, 'README.md'), 'utf8'), 'Two minutes with curl')
  expect(start).toContain('npx tidings start')
  const adminKey = /TIDINGS_ADMIN_KEY=(\S+)/.exec(start)![1]!
  const directory = await mkdtemp(join(tmpdir(), 'tidings-tour-'))
  const receiver = String(await freePort())
  const { allowNetworks = '', ...flags } = flagsOf(start)
  const server = await startServer(
    readConfig({
      flags: {
        ...flags,
        port: '0',
        data: directory,
        adminKey,
        logLevel: 'silent',
        allowNetworks: allowNetworks.replace('9000', receiver),
      },
      env: {},
    }),
  )
  const script = commands.join('\n').replaceAll('http://127.0.0.1:8080', server.url).replaceAll('9000', receiver)
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    detached: true,
    env: { PATH: `${node}:${process.env.PATH}` },
  })
  const exited = new Promise((resolve) => shell.once('exit', resolve))
  let output = ''
  let complaints = ''
  shell.stdout.on('data', (text) => {
    output += text
  })
  shell.stderr.on('data', (text) => {
    complaints += text
  })
  try {
    expect(await exited, complaints).toBe(0)
    const event = /"entityId":"3817","topic":"invoices".*"data":\{"id":3817,"total":12345678901234567\.89\}/
    await expect.poll(() => output, { timeout: 20_000 }).toMatch(new RegExp(`dlv_\\w+ .*${event.source}`, 'm'))
    expect(output).toMatch(new RegExp(`data: .*${event.source}`, 'm'))
    expect(output).toMatch(new RegExp(`\\{"events":\\[.*${event.source}`, 'm'))
    expect(output).toContain('"duplicate":false')
    expect(output).toMatch(/"items":\[.*"subscription":"sub_/)
    expect(output).not.toContain('urn:tidings:problem')
  } finally {
    // The receiver of the tour goes on in the shell's process group.
    process.kill(-shell.pid!, 'SIGKILL')
    await server.close()
    await rm(directory, { recursive: true, force: true })
  }
})
