import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Receiver } from './receiver.ts'
import { rowsOf, tenantId, type World } from './world.ts'

/** The page of a subscription to a receiver of its own, so that no test sees what another did. */
export class SubscriptionView {
  readonly id: string
  readonly receiver: Receiver
  readonly #world: World
  readonly #page: Page

  private constructor(world: World, page: Page, receiver: Receiver, id: string) {
    this.#world = world
    this.#page = page
    this.receiver = receiver
    this.id = id
  }

  static async of(world: World, page: Page): Promise<SubscriptionView> {
    const receiver = await world.anotherReceiver()
    const { id } = await world.subscribe(['invoice.*'], receiver.url)
    const view = new SubscriptionView(world, page, receiver, id)
    await view.open()
    return view
  }

  open(): Promise<void> {
    return this.#world.open(this.#page, `/ui/subscriptions/${this.id}`)
  }

  /** Publishes an event of each entity, and waits until they have been sent. */
  async sent(...entities: string[]): Promise<void> {
    await this.publish(...entities)
    await expect.poll(() => this.received()).toEqual(expect.arrayContaining(entities))
  }

  async publish(...entities: string[]): Promise<void> {
    await this.#world.operator.publish(entities.map((entityId) => ({ tenantId, type: 'invoice.updated', entityId })))
  }

  /** The entities that were sent to its receiver, accepted or not. */
  received(): string[] {
    return this.receiver.bodies.map((body) => (JSON.parse(body) as { entityId: string }).entityId)
  }

  press(name: string): Promise<void> {
    return this.#page.getByRole('button', { name, exact: true }).click()
  }

  dialog(name: string) {
    return this.#page.getByRole('dialog', { name })
  }

  /** How the head of the page says that it stands. */
  state(name: string): Promise<void> {
    return this.#page.locator('main header').getByText(name).waitFor()
  }

  async deliveries(): Promise<string[]> {
    return (await rowsOf(this.#page, 'Deliveries')).map(([, status, event]) => `${status} ${event}`)
  }
}
