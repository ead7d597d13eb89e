import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The program under test: the executable that `TIDINGS_PROGRAM` names, else the one of this clone. It
 * runs in a directory of its own and with nothing of this process's environment but what it is given here.
 */
const program =
  process.env.TIDINGS_PROGRAM ?? fileURLToPath(new URL('../../packages/server/bin/tidings', import.meta.url))
const adminKey = 'an-operators-key-of-the-tests'
/** The clone's program looks for its Node on the path; a packed one needs none. */
const environment = process.env.TIDINGS_PROGRAM ? {} : { PATH: process.env.PATH ?? '' }

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A server as a process, and the command line beside it. */
export class Program {
  readonly url: string
  readonly adminKey = adminKey
  readonly #stop: () => Promise<void>

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url
    this.#stop = stop
  }

  static async start(flags: readonly string[] = []): Promise<Program> {
    const directory = mkdtempSync(join(tmpdir(), 'tidings-why-'))
    const settings = {
      TIDINGS_ADMIN_KEY: adminKey,
      TIDINGS_ALLOW_NETWORKS: '127.0.0.1',
      TIDINGS_ALLOW_HTTP: 'true',
    }
    const args = ['start', '--port', '0', '--data', 'data', '--log-level', 'warn', ...flags]
    const child = spawn(program, args, { cwd: directory, env: { ...environment, ...settings } })
    let said = ''
    const closed = once(child, 'close')
    const ready = new Promise<string>((resolve, reject) => {
      const look = (text: string) => {
        said += text
        const found = /http:\/\/[\d.]+:\d+/.exec(said)
        if (found) resolve(found[0])
      }
      child.stdout.setEncoding('utf8').on('data', look)
      child.stderr.setEncoding('utf8').on('data', look)
      void closed.then(([code]) => reject(new Error(`${program} ended with ${code}:\n${said}`)))
    })
    const stop = async () => {
      child.kill('SIGTERM')
      await closed
      rmSync(directory, { recursive: true, force: true })
    }
    return new Program(await ready, stop)
  }

  /** Runs one command as the operator. */
  run(args: readonly string[]): Promise<Finished> {
    return finished(program, args, this.#identity)
  }

  /** Runs a line as it was printed, pasted into a shell. @throws when it fails */
  async paste(line: string): Promise<Finished> {
    const [, rest] = /^tidings (.*)$/.exec(line) ?? []
    if (rest === undefined) throw new Error(`This is no command of tidings: ${line}`)
    const done = await finished('/bin/sh', ['-c', `"$0" ${rest}`, program], this.#identity)
    if (done.code !== 0) throw new Error(`${line} failed: ${done.stderr}`)
    return done
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  get #identity() {
    return { TIDINGS_URL: this.url, TIDINGS_KEY: adminKey }
  }
}

async function finished(file: string, args: readonly string[], identity: Record<string, string>): Promise<Finished> {
  const child = spawn(file, args, { cwd: tmpdir(), env: { ...environment, ...identity } })
  child.stdin.end()
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
