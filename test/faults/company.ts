import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ClientProcess } from '../harness/clients.ts'
import { Journal } from '../harness/journal.ts'
import type { Verdict } from '../harness/judge.ts'
import { openStream, openWebhook } from '../harness/readers.ts'
import { operate, type Registered, registerIntegration, registerTenants } from '../harness/registration.ts'
import { sampleTopics } from '../harness/sample-events.ts'
import { ServerProcess } from '../harness/server-process.ts'
import { readStoredLog } from '../harness/stored-log.ts'
import { until } from '../harness/until.ts'
import type { CarelessGateway } from './careless-gateway.ts'

export interface CompanyOptions {
  readonly directory: string
  /** Where the server keeps its data, when not in `directory`. */
  readonly data?: string
  readonly rounds: number
  readonly eventsPerRound?: number
  readonly seed: number
  /** A program and its arguments that run the server. */
  readonly wrapper?: readonly string[]
  /** The server's clock jumps. */
  readonly toleratesAnyTime?: boolean
  /** In a control: what publishers talk to instead of the server. Only the log is read then. */
  readonly gateway?: CarelessGateway
  /** In a control: no streams and no webhooks, only the log is read. */
  readonly readsLogAlone?: boolean
}

const tenantCount = 12
/** Tenants that the second integration is granted. */
const fewTenants = 3

/** A whole world around one server: publishers, two integrations with a stream and a webhook each. */
export class Company {
  readonly server: ServerProcess
  readonly #options: CompanyOptions
  readonly #journalPath: string
  readonly #journal: Journal
  readonly #clients: ClientProcess[] = []
  #streams: readonly ClientProcess[] = []
  #webhooks: readonly ClientProcess[] = []
  #publishers!: ClientProcess
  #integrations: readonly Registered[] = []
  #round = 0
  url = ''

  private constructor(options: CompanyOptions) {
    this.#options = options
    this.#journalPath = join(options.directory, 'journal')
    mkdirSync(this.#journalPath)
    this.#journal = new Journal(this.#journalPath, 'coordinator')
    this.server = new ServerProcess(options.data ?? join(options.directory, 'data'), options.wrapper)
  }

  /** Runs `live` in such a world, then lets everything arrive, and has the checker judge. */
  static async run(options: CompanyOptions, live: (company: Company) => Promise<void>): Promise<Verdict> {
    const company = new Company(options)
    try {
      await company.#begin()
      await live(company)
      await company.#finish()
      return await checkJournals(company.#journalPath)
    } finally {
      for (const client of company.#clients) client.kill()
      await company.server.kill()
    }
  }

  get acknowledged(): number {
    return this.#publishers.count
  }

  get delivered(): number {
    return this.#webhooks[0]?.count ?? 0
  }

  get eventsPerRound(): number {
    return this.#options.eventsPerRound ?? 240
  }

  /** Lets the next round's events be published. Returns how many are acknowledged when all of them are. */
  allowRound(): number {
    this.#round += 1
    this.#publishers.tell({ kind: 'allow', share: Math.min(1, this.#round / this.#options.rounds) })
    return this.#round * this.eventsPerRound
  }

  /** Waits for something that the clients' progress brings about. Gives up, without a word, when they stand still. */
  until(isReached: () => boolean): Promise<void> {
    return until(this.#clients, isReached)
  }

  noteFault(fault: string): void {
    this.#journal.write({ kind: 'fault', fault, acknowledged: this.acknowledged, delivered: this.delivered })
  }

  /** After the server was killed: again, with what `between` does while it is down. */
  async restart(): Promise<void> {
    this.url = await this.server.start()
    this.#tellServer()
  }

  async #begin(): Promise<void> {
    const { seed, rounds, gateway, readsLogAlone = gateway !== undefined } = this.#options
    this.url = await this.server.start()
    const tenants = await registerTenants(this.url, tenantCount)
    if (!readsLogAlone) await this.#openReaders(tenants)
    const { key } = await operate<{ key: string }>(this.url, 'POST', '/v1/keys', { kind: 'pub' })
    this.#publishers = await ClientProcess.start('publishers', './publishers.ts', {
      journal: this.#journalPath,
      name: 'publishers',
      key,
      seed,
      events: rounds * this.eventsPerRound,
      tenants,
      publishers: 4,
      share: 0,
      sendsArraysAlone: gateway !== undefined,
    })
    this.#clients.push(this.#publishers)
    this.#tellServer()
  }

  async #openReaders(tenants: readonly number[]): Promise<void> {
    const { seed, toleratesAnyTime = false } = this.#options
    this.#integrations = [
      await registerIntegration(this.url, 'wide', tenants),
      await registerIntegration(this.url, 'narrow', tenants.slice(0, fewTenants)),
    ]
    const readers = { journal: this.#journalPath, seed, toleratesAnyTime }
    const streams = this.#integrations.map((one) => openStream(this.url, one, readers))
    const webhooks = this.#integrations.map((one) => openWebhook(this.url, one, readers))
    ;[this.#streams, this.#webhooks] = await Promise.all([Promise.all(streams), Promise.all(webhooks)])
    this.#clients.push(...this.#streams, ...this.#webhooks)
  }

  #tellServer(): void {
    const { gateway } = this.#options
    gateway?.forwardTo(this.url)
    for (const client of this.#clients) {
      const isBehindGateway = client === this.#publishers && gateway
      client.tell({ kind: 'server', url: isBehindGateway ? gateway.url : this.url })
    }
  }

  async #finish(): Promise<void> {
    await this.until(() => this.#publishers.isDone)
    const stored = await readStoredLog(this.url, sampleTopics, this.#journal)
    const due = this.#integrations.map(({ tenants }) =>
      tenants.reduce((total, tenant) => total + (stored.get(tenant) ?? 0), 0),
    )
    await this.until(() =>
      [this.#streams, this.#webhooks].every((readers) => readers.every(({ count }, index) => count >= due[index]!)),
    )
    await Promise.all(this.#clients.map((client) => client.finish()))
    await this.#journal.close()
    await this.server.stop()
  }
}

/** The checker judges in a process of its own. */
function checkJournals(journal: string): Promise<Verdict> {
  const checker = fileURLToPath(new URL('../harness/checker.ts', import.meta.url))
  const options = { maxBuffer: 16 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', checker, journal],
      options,
      (error, stdout, stderr) => {
        if (stdout === '') reject(error ?? new Error(stderr))
        else resolve(JSON.parse(stdout) as Verdict)
      },
    )
  })
}
