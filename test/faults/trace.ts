import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'

/** Changes what system calls of a running process come to, until it is ended. */
export class Trace {
  readonly #child: ChildProcess
  readonly #output: string

  private constructor(child: ChildProcess, output: string) {
    this.#child = child
    this.#output = output
  }

  /**
   * @param inject as in strace's `-e inject=`: `fsync,fdatasync:error=EIO:when=3+2`
   * @param output a file for what it traced
   */
  static async attach(pid: number, inject: string, output: string): Promise<Trace> {
    const calls = inject.slice(0, inject.indexOf(':'))
    const arguments_ = ['-f', '-p', String(pid), '-e', `trace=${calls}`, '-e', `inject=${inject}`, '-o', output]
    const child = spawn('strace', arguments_, { stdio: ['ignore', 'ignore', 'pipe'] })
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('attached')) resolve()
      })
      child.on('error', reject)
      child.on('exit', () => reject(new Error(`strace ended: ${said}`)))
    })
    return new Trace(child, output)
  }

  /** Lets the process go on as it was. Returns how often something was changed. */
  async end(): Promise<number> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit')
      this.#child.kill('SIGINT')
      await exited
    }
    return injectionsIn(this.#output)
  }
}

function injectionsIn(output: string): number {
  if (!existsSync(output)) return 0
  return readFileSync(output, 'utf8')
    .split('\n')
    .filter((line) => /\((INJECTED|DELAYED)/.test(line)).length
}

/** Why calls cannot be changed here; undefined when they can. */
export function traceObstacle(): string | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { encoding: 'utf8' })
  if (error) return `strace: ${error.message}`
  return status === 0 ? undefined : `strace: ${stderr.trim().split('\n')[0]}`
}
