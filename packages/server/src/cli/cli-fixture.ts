import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config.ts'

const binary = fileURLToPath(new URL('../../bin/tidings', import.meta.url))
/** Halves what each of the many processes costs. */
const compileCache = fileURLToPath(new URL('../../../../node_modules/.cache/tidings/compiled', import.meta.url))

// A test starts up to fifteen processes, one after the other, on a machine that may be busy: the limit
// is there to end what hangs, not to measure.
vi.setConfig({ testTimeout: 240_000 })

export const adminKey = 'an-operators-key-of-the-tests'

/** A real server with a store of its own; `flags` are settings. */
export async function startTestServer(
  flags: Readonly<Record<string, string>> = {},
): Promise<RunningServer & { readonly data: string }> {
  const data = await mkdtemp(join(tmpdir(), 'tidings-cli-'))
  const server = await startServer(
    readConfig({ flags: { data, port: '0', adminKey, logLevel: 'silent', ...flags }, env: {}, file: devNull }),
  )
  return {
    ...server,
    data,
    async close() {
      await server.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly done: Promise<Finished>
  /** Resolves with standard output, and with all of it, once it or standard error holds the text. */
  said(text: string): Promise<Finished>
  write(text: string): void
  end(): void
  closeOutput(): void
  kill(signal: NodeJS.Signals): void
}

/** A command in a process of its own, with nothing of this one's environment that could change it. */
export function startCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
  const child = spawn(binary, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_COMPILE_CACHE: compileCache, ...env },
    cwd: tmpdir(),
  })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const look of waiting) look()
  })
  // A command that ends early leaves what was written to it.
  child.stdin.on('error', () => {})
  const done = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    done,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!stdout.includes(text) && !stderr.includes(text)) return
          waiting.delete(look)
          resolve({ code: null, stdout, stderr })
        }
        waiting.add(look)
        void done.then(() => reject(new Error(`it ended without saying ${text}:\n${stdout}\n${stderr}`)))
        look()
      }),
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    closeOutput: () => void child.stdout.destroy(),
    kill: (signal) => void child.kill(signal),
  }
}

export async function tidings(
  args: readonly string[],
  options: {
    env?: Readonly<Record<string, string>>
    input?: string
    /** Nobody reads standard output. */
    closesOutput?: boolean
  } = {},
): Promise<Finished> {
  const command = startCommand(args, options.env)
  if (options.closesOutput) command.closeOutput()
  if (options.input !== undefined) command.write(options.input)
  command.end()
  return command.done
}

/** Where nobody listens: a port that was free a moment ago. */
export async function closedUrl(): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return `http://127.0.0.1:${port}`
}
