import { once } from 'node:events'
import { WebSocket } from 'ws'
import { Queue } from '../../core/queue.ts'

/** An unmodified `ws` client that reads message by message. */
export class TestClient {
  readonly ws: WebSocket
  readonly #messages = new Queue<string>()
  readonly closed: Promise<{ code: number; reason: string }>
  #isClosed = false
  #wake: () => void = () => {}

  static async open(port: number): Promise<TestClient> {
    const client = new TestClient(port)
    await once(client.ws, 'open')
    return client
  }

  constructor(port: number) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}/topics-v1`)
    this.ws.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('The server sent a binary message.')
      this.#messages.push(data.toString())
      this.#wake()
    })
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => {
        this.#isClosed = true
        this.#wake()
        resolve({ code, reason: reason.toString() })
      })
    })
    this.ws.on('error', () => {})
  }

  send(command: unknown): void {
    this.ws.send(typeof command === 'string' || Buffer.isBuffer(command) ? command : JSON.stringify(command))
  }

  /** The next message as it came. */
  async text(): Promise<string> {
    for (;;) {
      const text = this.#messages.shift()
      if (text !== undefined) return text
      if (this.#isClosed) throw new Error('The connection is closed.')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
  async next(): Promise<any> {
    return JSON.parse(await this.text())
  }

  // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
  async ask(command: unknown): Promise<any> {
    this.send(command)
    return this.next()
  }

  get unread(): readonly string[] {
    return [...this.#messages]
  }
}

export const addTenants = (...accessTokens: string[]) => ({
  command: 'add-tenants-v1',
  clientSecret: 'secret',
  accessTokens,
})
export const addTopics = (...topics: (string | { topic: string; offset: string })[]) => ({
  command: 'add-topics-v1',
  topics: topics.map((topic) => (typeof topic === 'string' ? { topic } : topic)),
})
export const subscribe = { command: 'subscribe-v1' }
