import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { Tidings } from '@tidings/client'
import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from 'playwright-core'
import { type RunningServer, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'
import { type Answer, Receiver } from './receiver.ts'
import type { VisitedPage } from './visited-pages.ts'

export const adminKey = 'operator-key-for-tests'
export const tenantId = 29302

/** A real server with an integration that a tenant granted, a receiver, and a real browser. */
export class World {
  readonly server: RunningServer
  readonly browser: Browser
  readonly operator: Tidings
  readonly receiver: Receiver
  readonly integration: { readonly id: string; readonly clientId: string; readonly clientSecret: string }
  readonly #directory: string
  readonly #others: Receiver[] = []

  private constructor(
    parts: Pick<World, 'server' | 'browser' | 'operator' | 'receiver' | 'integration'>,
    directory: string,
  ) {
    this.server = parts.server
    this.browser = parts.browser
    this.operator = parts.operator
    this.receiver = parts.receiver
    this.integration = parts.integration
    this.#directory = directory
  }

  /** @param flags beside those that allow receivers on this machine */
  static async begin(flags: Readonly<Record<string, string>> = {}): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'tidings-pages-'))
    const receiver = await Receiver.listen()
    const config = readConfig({
      flags: {
        ...{ port: '0', data: directory, adminKey, logLevel: 'silent' },
        ...{ allowNetworks: '127.0.0.0/8', allowHttp: 'true' },
        ...flags,
      },
      env: {},
    })
    const server = await startServer(config)
    const browser = await driver.launch({
      executablePath: await chromium.executablePath(),
      // Made for scraping one page in a small place, this build comes with a flag that switches off what some of these
      // tests are about, and with one by which a second page waits for the first.
      args: chromium.args.filter((arg) => !['--disable-web-security', '--single-process', '--no-zygote'].includes(arg)),
      headless: true,
    })
    const operator = new Tidings({ url: server.url, key: adminKey })
    await operator.tenants.create({ id: tenantId, name: 'Bygg AB' })
    const integration = await operator.integrations.create({ name: 'Payroll Sync' })
    await operator.integrations.tokens(integration.id).create({ tenantId })
    return new World({ server, browser, operator, receiver, integration }, directory)
  }

  /** The integration's own client. */
  get integrator(): Tidings {
    const { clientId, clientSecret } = this.integration
    return new Tidings({ url: this.server.url, clientId, clientSecret })
  }

  /** A subscription of the integration to its receiver. */
  subscribe(types: readonly string[], url = this.receiver.url, more: Readonly<Record<string, unknown>> = {}) {
    return this.integrator.subscriptions.create({ endpoint: { url }, types: [...types], ...more })
  }

  /** Another receiver, closed with the world. */
  async anotherReceiver(answer?: Answer): Promise<Receiver> {
    const receiver = await Receiver.listen()
    this.#others.push(receiver)
    if (answer) receiver.answer = answer
    return receiver
  }

  /**
   * Something on every page: one subscription that is served, one whose receiver is broken, and a business day's events.
   * Returns where each page stands.
   */
  async traffic(): Promise<(page: VisitedPage) => string> {
    const broken = await this.anotherReceiver({
      status: 500,
      body: 'NullReferenceException: Object reference not set\n   at Hook.Receive in Hook.cs:12',
    })
    await this.subscribe(['*'])
    const failing = await this.subscribe(['invoice.*', 'customer.*'], broken.url)
    const types = ['invoice.updated', 'customer.updated', 'order.created', 'product.updated'] as const
    const published = await this.operator.publish(
      Array.from({ length: 24 }, (_, at) => {
        const data = { id: 3800 + at, total: 1250.5 + at, lines: [{ text: 'Tegel 250×120', count: 12 }] }
        return { tenantId, type: types[at % types.length]!, entityId: String(3800 + at), actor: 'ola.normann', data }
      }),
    )
    const list = () => Array.fromAsync(this.operator.deliveries.list({ subscription: failing.id }))
    // A delivery is listed from the end of its first attempt on.
    while ((await list()).length === 0) {}
    const paths: Record<VisitedPage, string> = {
      overview: '/ui/',
      events: '/ui/events',
      event: `/ui/events/${encodeURIComponent(published[0]!.id)}`,
      subscriptions: '/ui/subscriptions',
      wizard: '/ui/subscriptions/new',
      subscription: `/ui/subscriptions/${failing.id}`,
      deliveries: '/ui/deliveries',
      delivery: `/ui/deliveries/${(await list())[0]!.id}`,
      catalogue: '/ui/catalogue?type=invoice.updated',
      streams: '/ui/streams',
      tenants: '/ui/tenants',
      integrations: `/ui/integrations?id=${this.integration.id}`,
      keys: '/ui/keys',
      audit: '/ui/audit',
      nodes: '/ui/nodes',
      settings: '/ui/settings',
      missing: '/ui/nowhere',
    }
    return (page) => paths[page]
  }

  /** A page of the server, signed in as the operator. */
  operatorPage(path = '/ui/', options: BrowserContextOptions = {}): Promise<Page> {
    return this.signedIn(adminKey, path, options)
  }

  /** A page of the server, signed in with a key, or with `clientId:clientSecret`. */
  async signedIn(key: string, path = '/ui/', options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.freshPage(options)
    await page.goto(`${this.server.url}${path}`)
    await signIn(page, key)
    return page
  }

  /** Goes to a path of the pages, and waits for what stands there. */
  async open(page: Page, path: string): Promise<void> {
    await page.goto(`${this.server.url}${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
  }

  /** 200 for whom the server knows, 401 for whom it does not. */
  async statusFor(authorization: string): Promise<number> {
    return (await fetch(`${this.server.url}/v1/session`, { headers: { authorization } })).status
  }

  /** A page in a browser of its own that knows nobody. */
  async freshPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Oslo', ...options })
    // Shorter than a test's own, so that a failure names what was waited for.
    context.setDefaultTimeout(15_000)
    return context.newPage()
  }

  async end(): Promise<void> {
    await this.browser.close()
    await this.server.close()
    for (const receiver of [this.receiver, ...this.#others]) await receiver.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Key' }).fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('main#main').waitFor()
}

/** What the rows of a table say, cell by cell. */
export function rowsOf(page: Page, table: string): Promise<string[][]> {
  const rows = page.getByRole('table', { name: table }).locator('tbody tr')
  return rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent.trim())))
}

/** The row of a table that says something. */
export function rowOf(page: Page, table: string, text: string) {
  return page.getByRole('table', { name: table }).locator('tbody tr').filter({ hasText: text })
}
