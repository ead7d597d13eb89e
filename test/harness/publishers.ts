import { Agent, type ClientRequest, request } from 'node:http'
import { createInterface } from 'node:readline'
import { CoordinatorLink } from './coordinator-link.ts'
import { Journal, type SentEvent } from './journal.ts'
import { between, seededRandom } from './random.ts'
import { requestText, sampleEvent } from './sample-events.ts'

export interface PublishersOptions {
  readonly journal: string
  readonly name: string
  readonly key: string
  readonly seed: number
  /** Events of all publishers of this process together. */
  readonly events: number
  readonly tenants: readonly number[]
  /** Publishers at work at once in this process; every other one sends NDJSON, half of them ids of their own. */
  readonly publishers: number
  /** The share of them, of 1, that is published before the coordinator allows more. */
  readonly share?: number
  /** Nobody sends NDJSON. */
  readonly sendsArraysAlone?: boolean
}

type Answer = { readonly id: string; readonly offset: string; readonly duplicate: boolean }

/** Lines of a stream that are sent and not answered yet, at most. */
const unansweredLines = 400
const agent = new Agent({ keepAlive: true })

/** Publishes its events in their order, each again until it is answered. */
class SamplePublisher {
  readonly #link: CoordinatorLink
  readonly #journal: Journal
  readonly #name: string
  readonly #key: string
  readonly #random: () => number
  readonly #acknowledged: (count: number) => void
  readonly #events: readonly SentEvent[]
  #place = 0

  constructor(given: {
    link: CoordinatorLink
    journal: Journal
    name: string
    key: string
    seed: number
    events: number
    tenants: readonly number[]
    hasIds: boolean
    acknowledged: (count: number) => void
  }) {
    this.#link = given.link
    this.#journal = given.journal
    this.#name = given.name
    this.#key = given.key
    this.#random = seededRandom(given.seed)
    this.#acknowledged = given.acknowledged
    this.#events = Array.from({ length: given.events }, (_, place) =>
      sampleEvent(`${given.name}-${place}`, { tenants: given.tenants, hasId: given.hasIds, random: this.#random }),
    )
    for (const [place, event] of this.#events.entries()) {
      given.journal.write({ kind: 'published', publisher: given.name, place, event })
    }
  }

  async publishArrays(): Promise<void> {
    let url = ''
    while (this.#place < this.#events.length) {
      const allowed = await this.#link.allowed(this.#events.length, this.#place)
      const batch = this.#events.slice(this.#place, Math.min(allowed, this.#place + between(this.#random, 100, 500)))
      for (;;) {
        url = await this.#link.server(url)
        const answers = await this.#publishArray(url, batch)
        if (answers === null) continue
        this.#keep(answers)
        url = ''
        break
      }
    }
  }

  async publishLines(): Promise<void> {
    let url = ''
    while (this.#place < this.#events.length) {
      const allowed = await this.#link.allowed(this.#events.length, this.#place)
      url = await this.#link.server(url)
      const end = Math.min(allowed, this.#place + between(this.#random, 500, 3_000))
      await this.#publishStream(url, end)
      if (this.#place === end) url = ''
    }
  }

  /** Null: not answered; it may have been stored or not. */
  #publishArray(url: string, batch: readonly SentEvent[]): Promise<Answer[] | null> {
    const body = `[${batch.map((event) => requestText(event, this.#random() < 0.1)).join()}]`
    return new Promise((resolve, reject) => {
      const sent = this.#request(url, 'application/json', (status, text) => {
        if (status === 201) resolve((JSON.parse(text) as { events: Answer[] }).events)
        else if (status === 0 || status === 503) resolve(null)
        else reject(new Error(`publishing was answered with ${status}: ${text}`))
      })
      whenConnected(sent, () => {
        this.#journal.write({ kind: 'tried', publisher: this.#name, from: this.#place, count: batch.length })
        sent.end(body)
      })
    })
  }

  #request(url: string, type: string, done: (status: number, text: string) => void): ClientRequest {
    const sent = request(
      `${url}/v1/events`,
      { method: 'POST', agent, headers: { authorization: `Bearer ${this.#key}`, 'content-type': type } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => done(response.complete ? (response.statusCode ?? 0) : 0, text))
        response.on('error', () => done(0, ''))
      },
    )
    sent.on('error', () => done(0, ''))
    return sent
  }

  /** Sends lines up to `end` while it reads the answers; returns when the stream ended, whole or broken off. */
  #publishStream(url: string, end: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let written = this.#place
      const sent = request(`${url}/v1/events`, {
        method: 'POST',
        agent,
        headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/x-ndjson' },
      })
      const writeOn = () => {
        const until = Math.min(end, this.#place + unansweredLines)
        if (written >= until) return
        this.#journal.write({ kind: 'tried', publisher: this.#name, from: written, count: until - written })
        const lines = this.#events.slice(written, until)
        sent.write(lines.map((event) => `${requestText(event, this.#random() < 0.1)}\n`).join(''))
        written = until
        if (written === end) sent.end()
      }
      sent.on('error', () => resolve())
      sent.on('response', (response) => {
        const isRefused = response.statusCode !== 200
        if (isRefused && response.statusCode !== 503) {
          reject(new Error(`a stream was answered with ${response.statusCode}`))
        }
        const lines = createInterface({ input: response })
        lines.on('error', () => lines.close())
        let isBroken = isRefused
        lines.on('line', (line) => {
          // What comes after a refused line is stored out of its order if it is kept: the rest is sent again.
          if (isBroken) return
          const answer = readAnswer(line)
          if (answer === null) isBroken = true
          else this.#keep([answer])
          if (isBroken) sent.destroy()
          else writeOn()
        })
        lines.on('close', () => resolve())
      })
      whenConnected(sent, writeOn)
    })
  }

  #keep(answers: readonly Answer[]): void {
    const events = answers.map(({ id, offset, duplicate }) => ({ id, offset, duplicate }))
    this.#journal.write({ kind: 'acknowledged', publisher: this.#name, from: this.#place, events })
    this.#place += answers.length
    this.#acknowledged(answers.length)
  }
}

/** A request that found nobody listening was no try. */
function whenConnected(sent: ClientRequest, write: () => void): void {
  sent.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', write)
    else write()
  })
}

/** Null: the line was cut off by a crash, or refused by a server that cannot store at the moment. */
function readAnswer(line: string): Answer | null {
  let answer: Answer | { error: { code: string } }
  try {
    answer = JSON.parse(line)
  } catch {
    return null
  }
  if ('error' in answer) {
    if (answer.error.code === 'storage_unavailable' || answer.error.code === 'shutting_down') return null
    throw new Error(`a line was refused: ${line}`)
  }
  return answer
}

if (import.meta.main) {
  const options = JSON.parse(process.argv[2]!) as PublishersOptions
  const link = new CoordinatorLink(options.share)
  const journal = new Journal(options.journal, options.name)
  let count = 0
  const publishers = Array.from({ length: options.publishers }, (_, index) => {
    const share = Math.ceil(options.events / options.publishers)
    const publisher = new SamplePublisher({
      link,
      journal,
      name: `${options.name}-${index}`,
      key: options.key,
      seed: options.seed + index,
      events: Math.min(share, options.events - index * share),
      tenants: options.tenants,
      hasIds: index % 4 < 2,
      acknowledged: (more) => {
        count += more
        link.progress(count)
      },
    })
    return () => (index % 2 === 0 || options.sendsArraysAlone ? publisher.publishArrays() : publisher.publishLines())
  })
  link.tell({ kind: 'ready' })
  await Promise.all(publishers.map((publish) => publish()))
  link.tell({ kind: 'done' })
  await link.finished
  await journal.close()
  process.exit(0)
}
