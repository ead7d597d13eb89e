import { type Subscription, Tidings } from '@tidings/client'
import type { Check } from './doctor-checks.ts'

/** So many are named. */
const mostNamed = 5
const longCatchUpMs = 3_600_000

interface Trouble {
  readonly name: string
  readonly detail: string
  readonly advice: string
  readonly isOf: (subscription: Subscription) => boolean
}

/** What can be wrong with a subscription, each with what to do. */
const troubles: readonly Trouble[] = [
  {
    name: 'disabled',
    detail: 'disabled: nothing is sent to',
    advice:
      'See why: tidings subscriptions get <id>. When the endpoint answers again: tidings subscriptions enable <id>.',
    isOf: ({ status }) => status === 'disabled',
  },
  {
    name: 'failing',
    detail: 'not accepting what is sent:',
    advice: 'See what its endpoint answers: tidings deliveries undelivered --subscription <id>.',
    isOf: ({ status, failingSince }) => status === 'active' && typeof failingSince === 'string',
  },
  {
    name: 'behind',
    detail: 'catching up for more than an hour, or paused:',
    advice:
      'See how far it is: tidings subscriptions stats <id>. What it has not read when the retention passes it is lost to it.',
    isOf: ({ catchUp }) =>
      !!catchUp && (catchUp.state === 'paused' || Date.parse(catchUp.since) < Date.now() - longCatchUpMs),
  },
]

/** Asks a running server about its subscriptions. Without the operator's key, or a server, there is nothing to say. */
export async function checkSubscriptions(url: string, key: string | undefined): Promise<readonly Check[]> {
  if (!key) return []
  const all: Subscription[] = []
  try {
    for await (const subscription of new Tidings({ url, key, maxAttempts: 1 }).subscriptions.list())
      all.push(subscription)
  } catch (error) {
    const detail = `the server does not tell of its subscriptions: ${(error as Error).message}`
    return [{ name: 'subscriptions', status: 'warn', detail, advice: 'Give the operator key: TIDINGS_ADMIN_KEY.' }]
  }
  const found = troubles.flatMap(({ name, detail, advice, isOf }): Check[] => {
    const ids = all.filter(isOf).map(({ id }) => id)
    if (ids.length === 0) return []
    const named = ids.slice(0, mostNamed).join(', ') + (ids.length > mostNamed ? ', …' : '')
    return [{ name, status: 'warn', detail: `${ids.length} of ${all.length} subscriptions ${detail} ${named}`, advice }]
  })
  return found.length > 0
    ? found
    : [{ name: 'subscriptions', status: 'ok', detail: `all ${all.length} are active and keep up` }]
}
