import { gzipSync } from 'node:zlib'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver, type Page, type Request } from 'playwright-core'
import {
  operate,
  type Registered,
  registerIntegration,
  registerTenants,
  subscribe,
} from '../test/harness/registration.ts'
import { adminKey, ServerProcess } from '../test/harness/server-process.ts'
import { signIn } from '../test/pages/world.ts'
import { fillStore } from './full-store.ts'
import { cpuSecondsOf, inDirectory } from './server.ts'

export interface StoreSize {
  readonly subscriptions: number
  readonly deliveries: number
}

/** How long a page takes from its address to its data, in milliseconds. */
interface Painted {
  readonly page: string
  readonly median: number
  readonly most: number
}

export interface PagesMeasured {
  readonly size: StoreSize
  readonly painted: readonly Painted[]
  /** Of the server, from its start until it was ready. */
  readonly startSeconds: number
  readonly startCpuSeconds: number | null
  readonly firstPageBytes: number
}

const events = 20_000
const publishedAtOnce = 1_000
const times = 5
/** What a page is given to paint its data, and what the first one may weigh gzipped. */
const mostMs = 1_000
const mostBytes = 300 * 1_024
const dialects = ['standard', 'tripletex', 'fakturownia'] as const

/** Opens every page over a store of this size, each several times in a browser that has seen it before. */
export function measurePages(size: StoreSize, onProgress: (text: string) => void): Promise<PagesMeasured> {
  return inDirectory(async (data) => {
    const integration = await prepare(data)
    await fillStore(data, { ...size, events, onProgress })
    const server = new ServerProcess(data)
    const startedMs = performance.now()
    const url = await server.start()
    const startSeconds = (performance.now() - startedMs) / 1_000
    const startCpuSeconds = cpuSecondsOf(server.pid)
    const browser = await launch()
    try {
      const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
      await page.goto(`${url}/ui/`)
      await signIn(page, adminKey)
      const painted: Painted[] = []
      for (const [name, path] of await pathsOf(url, integration)) {
        onProgress(`the page ${name}`)
        painted.push(await paint(page, name, `${url}${path}`))
      }
      return { size, painted, startSeconds, startCpuSeconds, firstPageBytes: await weigh(page, url) }
    } finally {
      await browser.close()
      await server.stop()
    }
  })
}

/** Events to look at, and a subscription of each dialect, which the store is then filled with copies of. */
async function prepare(data: string): Promise<Registered> {
  const server = new ServerProcess(data)
  const url = await server.start()
  try {
    const [tenantId] = await registerTenants(url, 50)
    const integration = await registerIntegration(url, 'Payroll Sync', [tenantId!])
    for (let first = 0; first < events; first += publishedAtOnce) {
      const batch = Array.from({ length: publishedAtOnce }, (_, at) => ({
        ...{ tenantId, type: 'invoice.updated', entityId: String(first + at), data: { total: first + at } },
      }))
      await operate(url, 'POST', '/v1/events', batch)
    }
    // After the events, so that nothing is sent.
    for (const dialect of dialects) {
      await subscribe(url, integration, {
        dialect,
        endpoint: { url: 'http://127.0.0.1:9/hook' },
        types: ['*'],
      })
    }
    return integration
  } finally {
    await server.stop()
  }
}

async function launch(): Promise<Browser> {
  const unfit = ['--single-process', '--no-zygote']
  const args = chromium.args.filter((arg) => !unfit.includes(arg))
  return driver.launch({ executablePath: await chromium.executablePath(), args, headless: true })
}

async function pathsOf(url: string, { id: integrationId }: Registered): Promise<readonly [string, string][]> {
  const first = async (path: string) => (await operate<{ items: { id: string }[] }>(url, 'GET', path)).items[0]!.id
  const subscription = await first('/v1/subscriptions?limit=1&search=Copy')
  const delivery = await first('/v1/deliveries?limit=1')
  const { events: published } = await operate<{ events: { id: string }[] }>(
    url,
    'GET',
    '/v1/topics/invoices/events?limit=1',
  )
  return [
    ['overview', '/ui/'],
    ['events', '/ui/events'],
    ['event', `/ui/events/${encodeURIComponent(published[0]!.id)}`],
    ['subscriptions', '/ui/subscriptions'],
    ['subscriptions, searched', '/ui/subscriptions?search=Copy%2090'],
    ['subscription', `/ui/subscriptions/${subscription}`],
    ['deliveries', '/ui/deliveries'],
    ['deliveries, undelivered', '/ui/deliveries?status=undelivered'],
    ['delivery', `/ui/deliveries/${delivery}`],
    ['catalogue', '/ui/catalogue?type=invoice.updated'],
    ['streams', '/ui/streams'],
    ['tenants', '/ui/tenants'],
    ['integrations', `/ui/integrations?id=${integrationId}`],
    ['keys', '/ui/keys'],
    ['audit', '/ui/audit'],
    ['nodes', '/ui/nodes'],
    ['settings', '/ui/settings'],
  ]
}

async function paint(page: Page, name: string, address: string): Promise<Painted> {
  const tookMs: number[] = []
  for (let time = 0; time < times; time++) {
    await page.goto('about:blank')
    const questions = new Questions(page)
    const startedMs = performance.now()
    await page.goto(address, { waitUntil: 'commit' })
    await page.getByRole('heading', { level: 1 }).waitFor()
    await questions.allAnswered()
    await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
    tookMs.push(performance.now() - startedMs)
    questions.stop()
  }
  tookMs.sort((a, b) => a - b)
  return { page: name, median: tookMs[Math.floor(times / 2)]!, most: tookMs.at(-1)! }
}

/** What a page asks the server for. A stream never ends, and is not waited for. */
class Questions {
  readonly #page: Page
  readonly #open = new Set<Request>()
  #wake = () => {}

  constructor(page: Page) {
    this.#page = page
    page.on('request', this.#asked).on('requestfinished', this.#answered).on('requestfailed', this.#answered)
  }

  async allAnswered(): Promise<void> {
    while (this.#open.size > 0) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  stop(): void {
    this.#page.off('request', this.#asked).off('requestfinished', this.#answered).off('requestfailed', this.#answered)
  }

  readonly #asked = (request: Request) => {
    if (request.url().includes('/v1/') && request.resourceType() !== 'eventsource') this.#open.add(request)
  }

  readonly #answered = (request: Request) => {
    this.#open.delete(request)
    this.#wake()
  }
}

async function weigh(page: Page, url: string): Promise<number> {
  const files = new Set<string>()
  page.on('request', (request) => files.add(request.url()))
  await page.goto(`${url}/ui/`)
  await page.waitForLoadState('load')
  const own = [...files].filter((file) => file.startsWith(`${url}/ui/`))
  const bodies = await Promise.all(own.map(async (file) => new Uint8Array(await (await fetch(file)).arrayBuffer())))
  return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0)
}

/** The full store beside the small one, page by page. */
export function pagesReport(small: PagesMeasured, full: PagesMeasured): string {
  const numbers = new Intl.NumberFormat('en')
  const sizeOf = ({ size }: PagesMeasured) =>
    `${numbers.format(size.subscriptions)} subscriptions, ${numbers.format(size.deliveries)} deliveries`
  const lines = full.painted.map(({ page, median, most }) => {
    const beside = small.painted.find((each) => each.page === page)!
    const isMet = most <= mostMs ? '✓' : '✗'
    return `${page.padEnd(26)}${ms(beside.median)}${ms(beside.most)}${ms(median)}${ms(most)}${`${(median / beside.median).toFixed(2)} ×`.padStart(9)}   ≤ ${mostMs} ms ${isMet}`
  })
  const weight = `${Math.round(full.firstPageBytes / 1_024)} KB gzipped`
  return [
    `baseline: ${sizeOf(small)}`,
    `store:    ${sizeOf(full)}`,
    `${''.padEnd(26)}${['baseline', 'most', 'store', 'most', 'growth'].map((head) => head.padStart(9)).join('')}`,
    ...lines,
    `start: ${full.startSeconds.toFixed(1)} s, ${full.startCpuSeconds?.toFixed(1) ?? '–'} s of processor (baseline ${small.startSeconds.toFixed(1)} s)`,
    `first page: ${weight}   ≤ 300 KB ${full.firstPageBytes <= mostBytes ? '✓' : '✗'}`,
  ].join('\n')
}

function ms(value: number): string {
  return `${Math.round(value)} ms`.padStart(9)
}
