import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../packages/server/bin/tidings', import.meta.url))

/** The real server, saying all that it ever says; every byte of it is kept. */
export class TracedServer {
  readonly #child: ChildProcess
  readonly url: string
  /** Standard output and standard error. */
  said: string

  private constructor(child: ChildProcess, url: string, said: string) {
    this.#child = child
    this.url = url
    this.said = said
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.said += text
    })
  }

  static async start(data: string, adminKey: string): Promise<TracedServer> {
    const child = spawn(command, ['start', '--port', '0', '--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TIDINGS_ADMIN_KEY: adminKey,
        TIDINGS_ALLOW_NETWORKS: '127.0.0.0/8',
        TIDINGS_ALLOW_HTTP: 'true',
        TIDINGS_LOG_LEVEL: 'trace',
        TIDINGS_REQUESTS_PER_SECOND: '100000',
        TIDINGS_WRONG_KEYS_PER_MINUTE: '100000',
      },
    })
    let server: TracedServer | undefined
    let early = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (server) server.said += text
      else early += text
    })
    for await (const line of createInterface({ input: child.stdout })) {
      early += `${line}\n`
      const url = /http:\/\/\S+/.exec(line)?.[0]
      if (url) {
        server = new TracedServer(child, url, early)
        return server
      }
    }
    throw new Error(`the server ended before it was ready:\n${early}`)
  }

  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await closed
    return this.#child.exitCode
  }
}
