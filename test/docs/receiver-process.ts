import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'

/** A receiver of the guide as a process of its own, in any of its languages. */

export interface Runtime {
  /** Its program. */
  readonly command: string
  readonly file: string
  /** `.ci/run` installs it where it is missing, so in CI it has to be there. */
  readonly isInstalledByCi: boolean
  /** What makes a program of the file. */
  readonly build?: readonly string[]
  readonly start: (port: number) => readonly string[]
}

export const runtimes: Readonly<Record<string, Runtime>> = {
  node: {
    command: process.execPath,
    file: 'receiver.mjs',
    isInstalledByCi: true,
    start: () => [process.execPath, 'receiver.mjs'],
  },
  python: { command: 'python3', file: 'receiver.py', isInstalledByCi: true, start: () => ['python3', 'receiver.py'] },
  go: {
    command: 'go',
    file: 'receiver.go',
    isInstalledByCi: true,
    build: ['go', 'build', '-o', 'receiver', 'receiver.go'],
    start: () => ['./receiver'],
  },
  php: {
    command: 'php',
    file: 'receiver.php',
    isInstalledByCi: true,
    start: (port) => ['php', '-S', `127.0.0.1:${port}`, 'receiver.php'],
  },
  java: {
    command: 'java',
    file: 'Receiver.java',
    isInstalledByCi: true,
    start: () => ['java', 'Receiver.java'],
  },
  csharp: {
    command: 'dotnet',
    file: 'Program.cs',
    isInstalledByCi: false,
    build: ['dotnet', 'build', '--output', 'built', 'Receiver.csproj'],
    start: () => ['dotnet', 'built/Receiver.dll'],
  },
}

export const isThere = ({ command }: Runtime) => !spawnSync(command, ['--version'], { stdio: 'ignore' }).error

/** Where `.ci/run` installs what is missing. */
export const canBeInstalled = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

export interface Delivery {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

export interface Receiver {
  readonly url: string
  /** Lines of what it handled. */
  handled(): string[]
  send(delivery: Delivery): Promise<number>
  stop(): Promise<void>
}

/** Starts a language's receiver in a folder of its own below `directory`; resolves when it answers. */
export async function startReceiver(
  name: string,
  options: { readonly directory: string; readonly code: string; readonly signingSecret: string },
): Promise<Receiver> {
  const { directory, code, signingSecret } = options
  const runtime = runtimes[name]!
  const folder = await mkdtemp(join(directory, `${name}-`))
  await writeFile(join(folder, runtime.file), code)
  if (name === 'csharp') await writeFile(join(folder, 'Receiver.csproj'), await projectOf())
  const port = await freePort()
  const env = {
    ...process.env,
    PORT: String(port),
    TIDINGS_SIGNING_SECRET: signingSecret,
    SEEN_DIRECTORY: folder,
    // Nothing is fetched, and no other version of itself either.
    GOTOOLCHAIN: 'local',
    GOPROXY: 'off',
    GOFLAGS: '-mod=mod',
    CGO_ENABLED: '0',
  }
  if (runtime.build) {
    const [program, ...args] = runtime.build as [string, ...string[]]
    await promisify(execFile)(program, args, { cwd: folder, env })
  }
  const [program, ...args] = runtime.start(port) as [string, ...string[]]
  const child: ChildProcess = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let complaints = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}/hook`
  const post = async ({ headers, body }: Delivery) => (await fetch(url, { method: 'POST', headers, body })).status
  await expect
    .poll(
      () => {
        if (child.exitCode !== null) throw new Error(complaints)
        return post({ headers: {}, body: '{}' }).catch(() => 'not there yet')
      },
      { timeout: 60_000 },
    )
    .toBe(400)
  return {
    url,
    handled: () => said.split('\n').filter((line) => line.startsWith('handled ')),
    send: post,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function projectOf(): Promise<string> {
  const { stdout } = await promisify(execFile)('dotnet', ['--version'])
  return `<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net${Number.parseInt(stdout, 10)}.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup></Project>`
}
