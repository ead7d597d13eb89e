import { ManualClock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry.ts'
import type { DeliveryStore } from '../deliver/delivery-store.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { standardDialect } from '../dialects/standard/dialect.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import type { Grants } from '../match/grants.ts'
import type { TransportResult } from '../send/transport.ts'
import { Webhooks, type WebhooksDeps } from './webhooks.ts'

export const everything: Grants = {
  integrationsOf: () => ['int_1'],
  direct: () => ({ allows: () => true }),
  inherited: () => ({ allows: () => true }),
  ofToken: () => ({ allows: () => true }),
  lineage: (tenantId) => [tenantId],
}

/** What a receiver answers with. */
export function answered(status: number): TransportResult {
  return { status, error: null, body: '', retryAfter: null, headers: {}, durationMs: 1, isCutShort: false }
}

/** Webhooks over the models of log and store; receivers, time and what the store refuses are the test's. */
export async function openWebhooks(some: Partial<WebhooksDeps> = {}) {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock, epoch: 7 })
  const store = makeMemoryDeliveryStore()
  const refused = new Set<keyof DeliveryStore>()
  const records = new Map<number, Subscription>()
  const received: { readonly subscription: number; readonly position: number }[] = []
  const failures: unknown[] = []
  let answer = async (_position: number) => answered(200)
  const open = () =>
    Webhooks.open({
      ...{ log, clock, grants: everything, attempts: 16 },
      grantHistoryOf: () => ({
        hasEnded: false,
        lastEndMs: null,
        at: () => everything,
        upTo: () => everything,
        endOf: () => null,
      }),
      store: refusing(store, refused),
      random: () => 0,
      sender: {
        send: async (subscription, due) => {
          const deliveries = due()
          if (!deliveries) return undefined
          for (const { event } of deliveries)
            received.push({ subscription: subscription.number, position: event.position })
          return answer(deliveries[0].event.position)
        },
      },
      types: () => ['invoice.updated'],
      subscriptions: () => records.values(),
      dialectOf: () => standardDialect,
      nameOf: (type) => type,
      offsetOf: ({ position }) => String(position),
      entityOf: () => null,
      familyOf: () => ({ parentTenantId: null, hasChildTenants: false }),
      detailsOf: () => ({}),
      health: { failing: () => {}, held: () => {}, recovered: () => {}, mustDisable: () => {} },
      observe: () => {},
      caughtUp: () => {},
      onFailure: (error) => failures.push(error),
      ...some,
    })
  const webhooks = await open()
  const set = (number: number, change: Partial<Subscription> = {}) => {
    const before = records.get(number) ?? sampleSubscription('standard', { id: `sub_${number}`, number })
    records.set(number, { ...before, ...change })
    webhooks.apply(number, records.get(number)!)
  }
  const remove = (number: number) => {
    records.delete(number)
    webhooks.apply(number, null)
  }
  return {
    ...{ clock, log, store, webhooks, received, failures, set, remove },
    positionsOf: (number: number) =>
      received.filter((one) => one.subscription === number).map(({ position }) => position),
    /** From now on the store refuses these. */
    refuse: (...names: (keyof DeliveryStore)[]) => {
      refused.clear()
      for (const name of names) refused.add(name)
    },
    /** What receivers answer from now on, by the position of the event. */
    answerWith: (next: typeof answer) => {
      answer = next
    },
    append: async (...ids: string[]) => {
      await log.append(ids.map((id) => newEvent({ id, entityKey: id })))
    },
    /** Lets time pass until the promise is settled. */
    whilePassing: async <T>(promise: Promise<T>): Promise<T> => {
      let isSettled = false
      const settled = promise.finally(() => {
        isSettled = true
      })
      settled.catch(() => {})
      while (!isSettled) await clock.advance(100)
      return settled
    },
  }
}

function refusing(store: DeliveryStore, refused: ReadonlySet<keyof DeliveryStore>): DeliveryStore {
  return new Proxy(store, {
    get: (target, name: keyof DeliveryStore) =>
      refused.has(name)
        ? () => Promise.reject(new AppError('storage_unavailable', 'the store cannot be used now'))
        : target[name],
  })
}
