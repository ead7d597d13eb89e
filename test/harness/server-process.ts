import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { compileCache } from './compile-cache.ts'

const command = fileURLToPath(new URL('../../packages/server/bin/tidings', import.meta.url))

/** A server that is not ready after this will not be. */
const startMs = 60_000

export const adminKey = 'operator-of-the-harness'

/** The real server as a child process, restarted on the same data as often as it is killed. */
export class ServerProcess {
  readonly #data: string
  readonly #wrapper: readonly string[]
  #child: ChildProcess | null = null
  /** What it wrote on standard error, all runs together: its last 64 KiB. */
  complaints = ''

  /** @param wrapper a program and its arguments that run the server, such as `strace -f …` */
  constructor(data: string, wrapper: readonly string[] = []) {
    this.#data = data
    this.#wrapper = wrapper
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** What ended it, if that was a signal. */
  get signal(): NodeJS.Signals | null {
    return this.#child?.signalCode ?? null
  }

  /** Starts it without waiting for anything. Standard output is read by `untilReady`. */
  spawn(): void {
    const [program, ...rest] = [...this.#wrapper, command, 'start', '--port', '0', '--data', this.#data]
    const child = spawn(program!, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...compileCache,
        ...process.env,
        TIDINGS_ADMIN_KEY: adminKey,
        TIDINGS_ALLOW_NETWORKS: '127.0.0.0/8',
        TIDINGS_ALLOW_HTTP: 'true',
        TIDINGS_LOG_LEVEL: 'warn',
      },
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints = (this.complaints + text).slice(-64 * 1024)
    })
    // Whoever started it may be ended by a time limit: no server is left behind.
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    this.#child = child
  }

  /**
   * Where it listens. The port is a new one each time: a client that dials a port nobody listens on
   * may be given that port for itself, and then talks to itself.
   * @throws Error when it ends before
   */
  async untilReady(): Promise<string> {
    const child = this.#child
    if (!child?.stdout) throw new Error('the server was not started')
    const watchdog = setTimeout(() => child.kill('SIGKILL'), startMs)
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /http:\/\/\S+/.exec(line)?.[0]
      if (!url) continue
      clearTimeout(watchdog)
      return url
    }
    clearTimeout(watchdog)
    throw new Error(`the server ended before it was ready:\n${this.complaints}`)
  }

  start(): Promise<string> {
    this.spawn()
    return this.untilReady()
  }

  /** Resolves when every thread of it stands still, with its calls to the system at their end. Linux only (proc(5)). */
  async suspend(): Promise<void> {
    process.kill(this.pid!, 'SIGSTOP')
    while (!this.isSuspended) await new Promise(setImmediate)
  }

  get isSuspended(): boolean {
    const tasks = `/proc/${this.pid}/task`
    return readdirSync(tasks).every((task) => /^State:\s+T/m.test(readFileSync(`${tasks}/${task}/status`, 'utf8')))
  }

  /** Ends it as a crash would, in the middle of whatever it does; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Drains it. Returns its exit code. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
    return child.exitCode
  }
}
