import { type Access, type Eyes, isVisible, isWithin, type ModelEvent, type ModelToken, visiblePair } from './model.ts'
import { Reader } from './reader.ts'
import type { World } from './world.ts'

export type Step =
  | { readonly kind: 'publish'; readonly tenant: number; readonly isCreated: boolean }
  /** Makes the tenant, or moves it. */
  | { readonly kind: 'place'; readonly tenant: number; readonly parent: number }
  | { readonly kind: 'remove'; readonly tenant: number }
  | {
      readonly kind: 'grant'
      readonly tenant: number
      readonly types: readonly string[] | null
      readonly isShort: boolean
      /** What the new token is used for at once. */
      readonly way: 'none' | 'events' | 'stream' | 'subscription'
    }
  | { readonly kind: 'revoke'; readonly which: number }
  /** An hour: short tokens expire, and what waits for a retry is sent. */
  | { readonly kind: 'pass' }
  | { readonly kind: 'feed'; readonly which: number }
  | { readonly kind: 'poll'; readonly which: number }
  /** A subscription from the earliest event on, and a stream. */
  | { readonly kind: 'catch-up'; readonly which: number }
  | { readonly kind: 'resend'; readonly which: number }
  /** Waits until nothing is under way, and compares. */
  | { readonly kind: 'settle' }

type GrantedToken = ModelToken & { readonly accessToken: string }

const feed = '/v1/topics/invoices/events'

/** One integration and its tenants, in the server and in the model, through a row of changes. */
export class Life {
  readonly faults: string[] = []
  readonly #world: World
  readonly #base: number
  readonly #integration: { readonly id: string; readonly clientSecret: string }
  readonly #basic: string
  readonly #begun: string
  readonly #events = new Map<string, ModelEvent>()
  readonly #history: Access[] = [{ tenants: new Map(), tokens: [] }]
  readonly #accessTokens = new Map<string, string>()
  readonly #readers: Reader[] = []
  readonly #polls: { readonly reader: Reader; readonly answered: Promise<void> }[] = []
  readonly #subscriptions: { readonly reader: Reader; readonly id: string }[] = []
  #isDown = false
  #resendable = ''

  private constructor(
    world: World,
    base: number,
    integration: { readonly id: string; readonly clientId: string; readonly clientSecret: string },
    begun: string,
  ) {
    this.#world = world
    this.#base = base
    this.#integration = integration
    this.#basic = `Basic ${Buffer.from(`${integration.clientId}:${integration.clientSecret}`).toString('base64')}`
    this.#begun = begun
  }

  static async begin(world: World, base: number): Promise<Life> {
    const integration = await world.operate('POST', '/v1/integrations', { name: `Life ${base}` })
    const topics = (await world.operate('GET', '/v1/topics')).items as { topic: string; latest: string }[]
    const life = new Life(world, base, integration, topics.find(({ topic }) => topic === 'invoices')!.latest)
    await life.take({ kind: 'place', tenant: 1, parent: 0 })
    const root = await life.#grant(base + 1, null, false)
    const streamed = life.#read(`stream of the root`, { kind: 'stream', tokens: [root], withChildren: true })
    await life.#stream(streamed, [root], true)
    await world.openEvents(life.#read('events of the integration', { kind: 'integration' }), life.#basic)
    await life.#subscribe('webhooks of the integration', { kind: 'integration' }, life.#basic)
    const subtree: Eyes = { kind: 'subtree', root: base + 1 }
    await life.#subscribe('webhooks of the subtree', subtree, life.#basic, { tenants: { subtree: base + 1 } })
    const retried = life.#read('webhooks that fail first', { kind: 'integration' }, { isOnlyHeld: true })
    await life.#makeSubscription(retried, life.#basic, { retry: { delaysSeconds: Array(50).fill(1_800) } }, () =>
      life.#isDown ? 500 : 204,
    )
    return life
  }

  async take(step: Step): Promise<void> {
    const { tenants } = this.#now
    switch (step.kind) {
      case 'publish':
        await this.#publish(this.#base + step.tenant, step.isCreated ? 'invoice.created' : 'invoice.updated')
        break
      case 'place':
        await this.#place(this.#base + step.tenant, step.parent === 0 ? 0 : this.#base + step.parent)
        break
      case 'remove': {
        const id = this.#base + step.tenant
        if (step.tenant === 1 || !tenants.has(id) || [...tenants.values()].includes(id)) break
        await this.#world.operate('DELETE', `/v1/tenants/${id}`)
        const left = new Map(tenants)
        left.delete(id)
        this.#change({ tenants: left, tokens: this.#now.tokens.filter(({ tenant }) => tenant !== id) })
        break
      }
      case 'grant': {
        if (!tenants.has(this.#base + step.tenant)) break
        const token = await this.#grant(this.#base + step.tenant, step.types, step.isShort)
        await this.#use(token, step.way)
        break
      }
      case 'revoke': {
        const token = this.#pick(step.which)
        if (!token) break
        await this.#world.operate('DELETE', `/v1/integrations/${this.#integration.id}/tokens/${token.id}`)
        this.#change({ tenants, tokens: this.#now.tokens.filter(({ id }) => id !== token.id) })
        break
      }
      case 'pass':
        this.#isDown = !this.#isDown
        this.#world.clock.jump(3_601_000)
        this.#change({ tenants, tokens: this.#now.tokens.filter(({ isShort }) => !isShort) })
        break
      case 'feed':
        await this.#readFeed(step.which)
        break
      case 'poll':
        await this.#poll(step.which)
        break
      case 'catch-up':
        await this.#catchUp(step.which)
        break
      case 'resend': {
        const path = `/v1/deliveries?subscription=${this.#resendable}&limit=10`
        const { items } = await this.#world.operate('GET', path)
        const delivery = items[step.which % Math.max(1, items.length)]
        if (delivery) await this.#world.operate('POST', `/v1/deliveries/${delivery.id}/resend`)
        break
      }
      case 'settle':
        await this.#settle()
        break
      default:
        step satisfies never
    }
    this.#judge()
  }

  async end(): Promise<void> {
    this.#world.closeReaders()
    // Longer than a poll waits.
    this.#world.clock.jump(60_000)
    await Promise.all(this.#polls.map(({ answered }) => answered))
    await this.#world.operate('DELETE', `/v1/integrations/${this.#integration.id}`)
  }

  get #now(): Access {
    return this.#history.at(-1)!
  }

  get #version(): number {
    return this.#history.length - 1
  }

  #change(access: Access): void {
    this.#history.push(access)
  }

  #read(name: string, eyes: Eyes, more: ConstructorParameters<typeof Reader>[3] = {}): Reader {
    const reader = new Reader(`${this.#readers.length} ${name}`, eyes, this.#version, more)
    this.#readers.push(reader)
    return reader
  }

  #pick(which: number): GrantedToken | undefined {
    const { tokens } = this.#now
    const token = tokens[which % Math.max(1, tokens.length)]
    return token && { ...token, accessToken: this.#accessTokens.get(token.id)! }
  }

  async #publish(tenantId: number, type: string): Promise<string> {
    const name = `${this.#base}-${this.#events.size}`
    // Before the answer: it may arrive sooner.
    this.#events.set(name, { name, tenant: tenantId, type, version: this.#version })
    await this.#world.operate('POST', '/v1/events', { tenantId, type, entityId: name })
    return name
  }

  async #place(id: number, parent: number): Promise<void> {
    const { tenants, tokens } = this.#now
    const isKnown = parent === 0 || tenants.has(parent)
    if (!isKnown || isWithin({ tenants }, parent, id)) return
    const parentId = parent === 0 ? null : parent
    if (tenants.has(id)) await this.#world.operate('PATCH', `/v1/tenants/${id}`, { parentId })
    else await this.#world.operate('POST', '/v1/tenants', { id, ...(parentId === null ? {} : { parentId }) })
    this.#change({ tenants: new Map(tenants).set(id, parent), tokens })
  }

  async #grant(tenantId: number, types: readonly string[] | null, isShort: boolean): Promise<GrantedToken> {
    const expiresAt = new Date(this.#world.clock.now() + 3_600_000).toISOString()
    const { id, accessToken } = await this.#world.operate('POST', `/v1/integrations/${this.#integration.id}/tokens`, {
      tenantId,
      ...(types === null ? {} : { types }),
      ...(isShort ? { expiresAt } : {}),
    })
    const token: ModelToken = { id, tenant: tenantId, types, isShort }
    this.#accessTokens.set(id, accessToken)
    this.#change({ tenants: this.#now.tenants, tokens: [...this.#now.tokens, token] })
    return { ...token, accessToken }
  }

  async #use(token: GrantedToken, way: Extract<Step, { kind: 'grant' }>['way']): Promise<void> {
    const authorization = `Bearer ${token.accessToken}`
    switch (way) {
      case 'none':
        break
      case 'events':
        await this.#world.openEvents(this.#read('events of a token', { kind: 'token', token }), authorization)
        break
      case 'stream':
        await this.#stream(this.#read('stream of a token', { kind: 'stream', tokens: [token], withChildren: false }), [
          token,
        ])
        break
      case 'subscription':
        await this.#subscribe('webhooks of a token', { kind: 'made-by', token }, authorization)
        break
      default:
        way satisfies never
    }
  }

  #stream(reader: Reader, tokens: readonly GrantedToken[], withChildren = false, offset?: string): Promise<void> {
    return this.#world.openStream(reader, {
      clientSecret: this.#integration.clientSecret,
      accessTokens: tokens.map(({ accessToken }) => accessToken),
      withChildren,
      ...(offset === undefined ? {} : { offset }),
    })
  }

  async #subscribe(name: string, eyes: Eyes, authorization: string, more: object = {}): Promise<void> {
    const reader = this.#read(name, eyes, 'start' in more ? { readsPast: true } : {})
    const id = await this.#makeSubscription(reader, authorization, more)
    if (this.#resendable === '') this.#resendable = id
  }

  async #makeSubscription(
    reader: Reader,
    authorization: string,
    more: object,
    statusOf?: () => number,
  ): Promise<string> {
    const { status, json } = await this.#world.call('POST', '/v1/subscriptions', authorization, {
      endpoint: { url: this.#world.hook(reader, statusOf) },
      types: ['*'],
      // In the order of the log, so that what came last says that nothing is under way.
      concurrency: 1,
      ...more,
    })
    if (status !== 201) throw new Error(`${reader.name}: ${status} ${JSON.stringify(json)}`)
    this.#subscriptions.push({ reader, id: json.id })
    return json.id
  }

  async #catchUp(which: number): Promise<void> {
    const past = { start: { offsets: { invoices: this.#begun } } }
    await this.#subscribe('webhooks from the beginning', { kind: 'integration' }, this.#basic, past)
    const token = this.#pick(which)
    if (!token) return
    const eyes: Eyes = { kind: 'stream', tokens: [token], withChildren: true }
    const reader = this.#read('stream from the beginning', eyes, { readsPast: true })
    await this.#stream(reader, [token], true, this.#begun)
  }

  /** With the integration's credentials or with a token's, by turns. */
  #someone(which: number): { readonly eyes: Eyes; readonly authorization: string } {
    const token = which % 2 === 0 ? undefined : this.#pick(which >> 1)
    if (!token) return { eyes: { kind: 'integration' }, authorization: this.#basic }
    return { eyes: { kind: 'token', token }, authorization: `Bearer ${token.accessToken}` }
  }

  /** Nothing changes meanwhile, so the feed holds exactly what may be seen. */
  async #readFeed(which: number): Promise<void> {
    const { eyes, authorization } = this.#someone(which)
    const { json } = await this.#world.call('GET', `${feed}?after=${this.#begun}&limit=1000`, authorization)
    const shown = json.events.map(({ entityId }: { entityId: string }) => entityId)
    const due = [...this.#events.values()].filter((event) => isVisible(eyes, this.#now, event)).map(({ name }) => name)
    if (shown.join() !== due.join()) this.faults.push(`the feed shows ${shown} and not ${due}`)
  }

  async #poll(which: number): Promise<void> {
    const { eyes, authorization } = this.#someone(which)
    const reader = new Reader('a long poll', eyes, this.#version, { isOnlyHeld: true })
    this.#readers.push(reader)
    const { json } = await this.#world.call('GET', `${feed}?after=${this.#begun}&limit=1000`, authorization)
    const answered = this.#world
      .call('GET', `${feed}?after=${json.next}&limit=1000&wait=50`, authorization)
      .then((answer) => {
        for (const { entityId } of answer.json.events ?? []) reader.receive(entityId)
        reader.end()
      })
    this.#polls.push({ reader, answered })
  }

  /**
   * Publishes for each reader what it may see; when it has come, all before it has been judged. A reader that may see
   * nothing is settled only where the server says that no attempt is under way: an earlier one may still arrive.
   */
  async #settle(): Promise<void> {
    const settled: Reader[] = []
    const waiting = this.#readers.filter(({ hasEnded, isOnlyHeld }) => !hasEnded && !isOnlyHeld)
    const pairs = new Map<string, { tenant: number; type: string }>()
    for (const { eyes } of waiting) {
      const pair = visiblePair(eyes, this.#now)
      if (pair) pairs.set(`${pair.tenant} ${pair.type}`, pair)
    }
    const last: ModelEvent[] = []
    for (const { tenant, type } of pairs.values()) {
      last.unshift(this.#events.get(await this.#publish(tenant, type))!)
    }
    await Promise.all(
      waiting.map(async (reader) => {
        const newest = last.find((event) => isVisible(reader.eyes, this.#now, event))
        if (!newest) return
        await reader.until(newest.name)
        if (!reader.received.has(newest.name)) this.faults.push(`${reader.name} ended and was not sent ${newest.name}`)
        settled.push(reader)
      }),
    )
    for (const reader of this.#readers) {
      if (reader.hasEnded) continue
      for (const name of reader.missing(this.#events, this.#history)) {
        this.faults.push(`${reader.name} was not sent ${JSON.stringify(this.#events.get(name))}`)
      }
    }
    for (const { reader, id } of this.#subscriptions) {
      // An attempt that begins after this is judged by the present view.
      while ((await this.#world.operate('GET', `/v1/subscriptions/${id}/stats`)).inFlight > 0);
      settled.push(reader)
    }
    this.#judge()
    for (const reader of settled) reader.settle(this.#version)
  }

  #judge(): void {
    for (const reader of this.#readers) {
      for (const name of reader.wrong(this.#events, this.#history)) {
        this.faults.push(`${reader.name} was sent ${JSON.stringify(this.#events.get(name))} at ${this.#version}`)
      }
    }
  }
}
