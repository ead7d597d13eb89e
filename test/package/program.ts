import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Tidings as somebody installed it: how it is called, where, and with which environment and no other. */
export interface Program {
  readonly command: string
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export async function run(program: Program, args: readonly string[], settings = {}): Promise<Finished> {
  const child = start(program, args, settings)
  child.stdin.end()
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

export interface Served {
  readonly url: string
  readonly pid: number
  /** Everything that it wrote so far. */
  readonly said: () => string
  /** Ends it as systemd would. Returns its exit code. */
  stop(): Promise<number | null>
}

/** A server of the program, on a free port and with `data` in its directory. @throws Error when it ends before it is ready */
export async function serve(program: Program, settings: Readonly<Record<string, string>> = {}): Promise<Served> {
  const child = start(program, ['start', '--port', '0', '--data', 'data', '--log-level', 'warn'], settings)
  let said = ''
  const closed = once(child, 'close') as Promise<[number | null]>
  const url = await new Promise<string>((resolve, reject) => {
    const look = (text: string) => {
      said += text
      const found = /ready at (http:\S+)/.exec(said)?.[1]
      if (found) resolve(found)
    }
    child.stdout.setEncoding('utf8').on('data', look)
    child.stderr.setEncoding('utf8').on('data', look)
    child.once('error', reject)
    void closed.then(([code]) => reject(new Error(`${program.command} ended with ${code}:\n${said}`)))
  })
  return {
    url,
    pid: child.pid!,
    said: () => said,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await closed
      return code
    },
  }
}

function start({ command, directory, environment }: Program, args: readonly string[], settings = {}) {
  const child = spawn(command, args, { cwd: directory, env: { ...environment, ...settings } })
  // Whoever started it may be ended by a time limit: nothing is left behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}
