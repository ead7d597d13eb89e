import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { compileCache } from './compile-cache.ts'

/** From the coordinator to a client process. */
export type ToClient =
  | { readonly kind: 'server'; readonly url: string }
  /** For a webhook receiver, whose address must be known before its subscription is made. */
  | { readonly kind: 'secret'; readonly signingSecret: string }
  /** For publishers: this share of their events, of 1, may be published by now. */
  | { readonly kind: 'allow'; readonly share: number }
  | { readonly kind: 'finish' }

/** From a client process to the coordinator. */
export type FromClient =
  | { readonly kind: 'ready'; readonly url?: string }
  /** Events so far: acknowledged by a publisher, received for the first time by a reader. */
  | { readonly kind: 'progress'; readonly count: number }
  /** A publisher has every answer. */
  | { readonly kind: 'done' }

/** A client process of the harness: it is told where the server is, and tells how far it has come. */
export class ClientProcess {
  readonly #child: ChildProcess
  readonly #changed = new Set<() => void>()
  readonly name: string
  count = 0
  isDone = false
  /** What a receiver listens at. */
  url = ''

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    child.on('message', (message: FromClient) => this.#take(message))
    child.on('exit', () => this.#notify())
  }

  /** @param script beside this file; it gets `options` as its only argument, as JSON */
  static async start(name: string, script: string, options: object): Promise<ClientProcess> {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...compileCache, ...process.env },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    const client = new ClientProcess(name, child)
    const failed = once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended before it was ready`)))
    await Promise.race([once(child, 'message'), failed])
    return client
  }

  tell(message: ToClient): void {
    if (this.#child.connected) this.#child.send(message)
  }

  /** Calls back at every progress; returns what ends that. */
  onChanged(callback: () => void): () => void {
    this.#changed.add(callback)
    return () => this.#changed.delete(callback)
  }

  get hasFailed(): boolean {
    return this.#child.exitCode !== null && this.#child.exitCode !== 0
  }

  /** Its journal is whole when this resolves. */
  async finish(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.tell({ kind: 'finish' })
    await exited
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #take(message: FromClient): void {
    if (message.kind === 'ready') this.url = message.url ?? ''
    if (message.kind === 'progress') this.count = message.count
    if (message.kind === 'done') this.isDone = true
    this.#notify()
  }

  #notify(): void {
    for (const callback of [...this.#changed]) callback()
  }
}
